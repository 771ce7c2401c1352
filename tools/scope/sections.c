/* Stand-ins for what libelf, from 0.189 on, compresses sections with: libzstd, a third of the whole
 * command where that is static. What libbpf is given here has no sections: a program of ours is a
 * row of instructions. The linker takes a name that is here and does not look for that library.
 * None of them is ever called; all say that they failed. */
#ifdef SOCKFIX_LIBBPF
#include <stddef.h>

void *ZSTD_createCCtx(void);
void *ZSTD_createCCtx(void)
{
	return NULL;
}

size_t ZSTD_freeCCtx(void *context);
size_t ZSTD_freeCCtx(void *context)
{
	(void)context;
	return 0;
}

size_t ZSTD_compressStream2(void *context, void *to, void *from, int end);
size_t ZSTD_compressStream2(void *context, void *to, void *from, int end)
{
	(void)context;
	(void)to;
	(void)from;
	(void)end;
	return (size_t)-1;
}

size_t ZSTD_decompress(void *to, size_t room, const void *from, size_t length);
size_t ZSTD_decompress(void *to, size_t room, const void *from, size_t length)
{
	(void)to;
	(void)room;
	(void)from;
	(void)length;
	return (size_t)-1;
}

unsigned ZSTD_isError(size_t code);
unsigned ZSTD_isError(size_t code)
{
	return code == (size_t)-1;
}

/* Debian 13's libelf.a asks for these and lacks them: what it finds its sections by. */
void eu_search_tree_init(void *tree);
void eu_search_tree_init(void *tree)
{
	(void)tree;
}

void eu_search_tree_fini(void *tree, void (*free_node)(void *node));
void eu_search_tree_fini(void *tree, void (*free_node)(void *node))
{
	(void)tree;
	(void)free_node;
}
#endif
