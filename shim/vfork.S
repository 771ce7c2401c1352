/* vfork(2): the child runs on its parent's stack, so no frame of ours may be live when it returns
 * twice. The stub asks life_vforking() for libc's own function and jumps to it. */
	.text
	.globl	vfork
	.type	vfork, %function
vfork:
	.cfi_startproc
#if defined(__x86_64__)
	endbr64
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	call	life_vforking
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	jmp	*%rax
#elif defined(__i386__)
	subl	$12, %esp
	.cfi_adjust_cfa_offset 12
	call	life_vforking
	addl	$12, %esp
	.cfi_adjust_cfa_offset -12
	jmp	*%eax
#elif defined(__aarch64__)
	hint	#34
	stp	x29, x30, [sp, #-16]!
	.cfi_def_cfa_offset 16
	bl	life_vforking
	ldp	x29, x30, [sp], #16
	.cfi_def_cfa_offset 0
	mov	x16, x0
	br	x16
#endif
	.cfi_endproc
	.size	vfork, . - vfork
	.section .note.GNU-stack, "", %progbits
