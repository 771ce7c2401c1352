/* dlopen(3), dlmopen(3), dlsym(3), dlvsym(3) and __gmon_start__(): a look at loader_due, and a jump to
 * what stands behind us. No frame of ours is live in them: they look at their return address.
 *
 * loader_NAME leads to that; before it is bound, to first_NAME, which binds and goes on. */

#if defined(__i386__)
#define WORD 4
#else
#define WORD 8
#endif

#if defined(__x86_64__)

	.macro keep
	pushq %rdi
	.cfi_adjust_cfa_offset 8
	pushq %rsi
	.cfi_adjust_cfa_offset 8
	pushq %rdx
	.cfi_adjust_cfa_offset 8
	.endm

	.macro give_back
	popq %rdx
	.cfi_adjust_cfa_offset -8
	popq %rsi
	.cfi_adjust_cfa_offset -8
	popq %rdi
	.cfi_adjust_cfa_offset -8
	.endm

	/* Calls a function of ours first, with the program's arguments. */
	.macro before function, to
	keep
	call	\function
	give_back
	jmp	*\to(%rip)
	.endm

	.macro enter
	.cfi_startproc
	endbr64
	.endm

	.macro go to
	jmp	*\to(%rip)
	.endm

	.macro if_due label
	movq	loader_due@gottpoff(%rip), %rax
	cmpl	$0, %fs:(%rax)
	jne	\label
	.endm

	.macro if_deepbind label
	testb	$8, %sil		/* RTLD_DEEPBIND of mode */
	jne	\label
	.endm

	.macro pointer name, to
	.quad	\to
	.endm

#elif defined(__i386__)

	/* The program's three arguments are given on; the stack is aligned to 16 bytes at a call. */
	.macro before function, to
	subl	$28, %esp
	.cfi_adjust_cfa_offset 28
	movl	32(%esp), %eax
	movl	%eax, (%esp)
	movl	36(%esp), %eax
	movl	%eax, 4(%esp)
	movl	40(%esp), %eax
	movl	%eax, 8(%esp)
	call	\function
	addl	$28, %esp
	.cfi_adjust_cfa_offset -28
	go	\to
	.endm

	.macro enter
	.cfi_startproc
	endbr32
	.endm

	/* Only %eax, %ecx and %edx are ours to use, and no argument is in them. */
	.macro go to
	call	here
	jmp	*(\to - .)(%eax)
	.endm

	.macro if_due label
	call	here
	addl	$_GLOBAL_OFFSET_TABLE_, %eax
	movl	loader_due@GOTNTPOFF(%eax), %eax
	cmpl	$0, %gs:(%eax)
	jne	\label
	.endm

	.macro if_deepbind label
	testb	$8, 8(%esp)		/* RTLD_DEEPBIND of mode */
	jne	\label
	.endm

	.macro pointer name, to
	.long	\to
	.endm

	.text
here:
	movl	(%esp), %eax
	ret

#elif defined(__aarch64__)

	.macro enter
	.cfi_startproc
	hint	#34
	.endm

	.macro go to
	adrp	x16, \to
	ldr	x16, [x16, :lo12:\to]
	br	x16
	.endm

	.macro before function, to
	stp	x29, x30, [sp, #-48]!
	.cfi_def_cfa_offset 48
	.cfi_offset 29, -48
	.cfi_offset 30, -40
	stp	x0, x1, [sp, #16]
	str	x2, [sp, #32]
	bl	\function
	ldr	x2, [sp, #32]
	ldp	x0, x1, [sp, #16]
	ldp	x29, x30, [sp], #48
	.cfi_restore 29
	.cfi_restore 30
	.cfi_def_cfa_offset 0
	go	\to
	.endm

	.macro if_due label
	adrp	x16, :gottprel:loader_due
	ldr	x16, [x16, :gottprel_lo12:loader_due]
	mrs	x17, tpidr_el0
	ldr	w16, [x17, x16]
	cbnz	w16, \label
	.endm

	.macro if_deepbind label
	tbnz	w1, #3, \label
	.endm

	.macro pointer name, to
	.xword	\to
	.endm

#endif

	.macro function name
	.globl	\name
	.type	\name, %function
\name:
	enter
	.endm

	.macro end name
	.cfi_endproc
	.size	\name, . - \name
	.endm

	/* The place of a jump, and what it leads to at first. */
	.macro place to
	.data
	.balign	WORD
	.globl	\to
	.hidden	\to
	.type	\to, %object
	.size	\to, WORD
\to:
	pointer	\to, first_\to
	.text
first_\to:
	enter
	before	loader_bind, \to
	.cfi_endproc
	.endm

	place	loader_dlopen
	place	loader_dlmopen
	place	loader_dlsym
	place	loader_dlvsym
	place	loader_gmon_start

	function dlopen
	if_due	1f
	if_deepbind 1f
	go	loader_dlopen
1:	before	loader_opening, loader_dlopen
	end	dlopen

	function dlmopen
	before	loader_opening_apart, loader_dlmopen
	end	dlmopen

	function dlsym
	if_due	1f
	go	loader_dlsym
1:	before	loader_settle, loader_dlsym
	end	dlsym

	function dlvsym
	if_due	1f
	go	loader_dlvsym
1:	before	loader_settle, loader_dlvsym
	end	dlvsym

	function __gmon_start__
	if_due	1f
	go	loader_gmon_start
1:	before	loader_initialising, loader_gmon_start
	end	__gmon_start__

	.section .note.GNU-stack, "", %progbits
