// Starts the reference below /docs: the document comes from this very server, nothing from anywhere else.
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

window.SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  defaultModelRendering: 'example',
  displayRequestDuration: true,
  // No server of somebody else judges the document.
  validatorUrl: null,
  // Reads can be tried with the session of the dashboard or a key; what changes something is done on purpose, elsewhere.
  supportedSubmitMethods: ['get'],
  persistAuthorization: false,
});
