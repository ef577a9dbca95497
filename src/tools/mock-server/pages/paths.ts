const PAGE = /^\/(?:payment\/|checkout\/)?([0-9a-f]{24})$/;
const LINK = /^\/([A-Za-z0-9+/=_%-]{8,})$/;

/** The receipt whose page an address is; undefined where it is none. */
export function pageReceiptId(pathname: string): string | undefined {
  return PAGE.exec(pathname)?.[1];
}

/** What a checkout link's path holds, encoded; undefined where the path can be no such link. */
export function linkOf(pathname: string): string | undefined {
  return LINK.exec(pathname)?.[1];
}

/** True for the address of a checkout link, or of a posted checkout form. */
export function isCheckout({ method, pathname }: { method: string; pathname: string }): boolean {
  if (method === "POST") return pathname === "/";
  return (method === "GET" || method === "HEAD") && LINK.test(pathname);
}
