/*
 * EMBED(name, "path/from/the/top"): the file's bytes as `name` with `name_end` behind the last one
 * and a NUL after it. A macro because the assembler must see the path.
 */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#define EMBED(name, path)                                                                    \
    __asm__(".section .rodata\n.global " #name "\n.global " #name "_end\n.balign 16\n" #name \
            ":\n.incbin \"" path "\"\n" #name "_end:\n.byte 0\n.previous\n");                \
    extern const char name[];                                                                \
    extern const char name##_end[]

#endif
