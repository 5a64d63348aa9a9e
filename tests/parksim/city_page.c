/*
 * The driver's page, page.html taken in whole: the program is one file.
 */
#include "tests/parksim/city.h"

__asm__(".section .rodata\n.global city_page\n.balign 16\ncity_page:\n"
        ".incbin \"tests/parksim/page.html\"\n.byte 0\n.previous\n");
