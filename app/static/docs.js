// Starts Swagger UI. The key a reader enters is kept in the page's memory only.
const page = document.getElementById("docs");

SwaggerUIBundle({
  domNode: page,
  url: page.dataset.openapi,
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null, // The default sends the description to a public validator.
});
