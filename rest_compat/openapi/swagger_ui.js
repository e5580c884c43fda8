"use strict";

// display the document with the server of this page, whose address can differ from the public URL: "Try it out" calls it;
// without the dialect, about which Swagger UI warns unless it is the default one of OpenAPI
const adaptDocument = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (update) => ({ jsonSchemaDialect, ...spec }) =>
          update({ ...spec, servers: [{ url: new URL(".", location.href).href.replace(/\/$/, "") }] }),
      },
    },
  },
});

SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "openapi.json",
  plugins: [adaptDocument],
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
});
