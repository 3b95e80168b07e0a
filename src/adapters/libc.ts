// The C library through bun:ffi, for the few calls that Bun has none for. Loaded at the first use only.
import type { FFIFunction } from "bun:ffi";

/** Its names: glibc, musl on both processors, macOS. */
const libraries = [
  "libc.so.6",
  "libc.musl-x86_64.so.1",
  "libc.musl-aarch64.so.1",
  "libSystem.B.dylib",
];

/** The functions of the C library; undefined where it, or one of them, is missing. */
export async function loadLibc<Functions extends Record<string, FFIFunction>>(
  functions: Functions,
) {
  const { dlopen } = await import("bun:ffi");
  for (const library of libraries) {
    try {
      return dlopen(library, functions).symbols;
    } catch {
      // Not this C library: the next name.
    }
  }
  return undefined;
}
