"""The OpenAPI 3.1 document of every route, made from what the code declares: routes, columns, rules, view-models."""
