/** The nonce that the server wrote into the page: Mantine's generated style elements carry it. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}
