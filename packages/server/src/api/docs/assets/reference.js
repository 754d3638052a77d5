// Starts the reference below /docs: the document comes from this very server, nothing from anywhere else.

// The scheme chosen in the dashboard, else the system's.
const dark = matchMedia('(prefers-color-scheme: dark)');
function follow() {
  const chosen = localStorage.getItem('mantine-color-scheme-value');
  const scheme = chosen === 'dark' || chosen === 'light' ? chosen : dark.matches ? 'dark' : 'light';
  document.documentElement.dataset.scheme = scheme;
}
dark.addEventListener('change', follow);
addEventListener('storage', follow);
follow();

// The head of an operation is a button: a link within it could be reached and not be understood. Opening one sets the
// address all the same.
const plainHeads = ({ React }) => ({
  components: { DeepLink: ({ text }) => React.createElement('span', null, text) },
});

// The viewer leaves these without a name, and regions that scroll without a stop of Tab.
function name(field) {
  if (field.labels?.length > 0 || field.ariaLabel) return;
  const parameter = field.closest('[data-param-name]')?.dataset.paramName;
  const example = field.classList.contains('examples-select-element');
  const what = parameter ?? (field.closest('.opblock-section-request-body') ? 'body' : 'answer');
  field.ariaLabel = example ? `Example of ${what}` : what;
}
const MENDED = 'select, textarea, input, pre.microlight, .highlight-code > pre';
function mend(element) {
  if (element.localName === 'pre') element.tabIndex = 0;
  else name(element);
}
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) {
      if (!(node instanceof Element)) continue;
      if (node.matches(MENDED)) mend(node);
      for (const element of node.querySelectorAll(MENDED)) mend(element);
    }
  }
}).observe(document.getElementById('reference'), { childList: true, subtree: true });

window.SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  defaultModelRendering: 'example',
  displayRequestDuration: true,
  plugins: [plainHeads],
  // Colours carry meaning here; those of the viewer fit neither scheme.
  syntaxHighlight: false,
  // No server of somebody else judges the document.
  validatorUrl: null,
  // Reads can be tried with the session of the dashboard or a key; what changes something is done on purpose, elsewhere.
  supportedSubmitMethods: ['get'],
  persistAuthorization: false,
});
