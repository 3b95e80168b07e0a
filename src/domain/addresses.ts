// Addresses of this machine. Pure.

/** 127.0.0.0/8, ::1 and localhost: reached from this machine alone. */
export function isLoopback(address: string): boolean {
  return (
    address === "localhost" || address === "::1" || /^(::ffff:)?127\.\d+\.\d+\.\d+$/i.test(address)
  );
}
