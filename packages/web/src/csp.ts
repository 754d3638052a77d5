/** The nonce that the server wrote into the page: Mantine's generated style elements carry it. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}

/**
 * Hands the nonce to the library that keeps the page from scrolling behind a drawer: it makes a style element of its
 * own and looks for the nonce under the name that webpack uses (https://github.com/theKashey/get-nonce).
 */
export function shareNonce(): void {
  Object.assign(globalThis, { __webpack_nonce__: styleNonce() });
}
