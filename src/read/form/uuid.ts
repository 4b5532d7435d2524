const UUID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;

/** Whether it is a whole UUID, white space around it aside: the form of an ID that Cloudflare gives. */
export function isUuid(value: string): boolean {
  return UUID.test(value.trim());
}
