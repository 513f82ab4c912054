#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""embed.py FILE NAME: print FILE as a C array NAME with its length NAME_bytes."""
import sys

data = open(sys.argv[1], "rb").read()
name = sys.argv[2]
print("/* SPDX-License-Identifier: BSD-3-Clause */\n#include <stddef.h>\n")
print(f"extern const unsigned char {name}[];\nextern const size_t {name}_bytes;\n")
print(f"const unsigned char {name}[] = {{")
for i in range(0, len(data), 16):
    print("\t" + ", ".join(f"0x{b:02x}" for b in data[i:i + 16]) + ",")
print(f"}};\nconst size_t {name}_bytes = sizeof({name});")
