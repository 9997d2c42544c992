# syntax=docker/dockerfile:1
# api-catalog-mcp in a container. Over stdio by default, for an MCP client that starts it:
#   docker run -i --rm -v api-catalog:/data api-catalog-mcp
# as a server for many, which asks its callers for keys:
#   docker run -p 3000:3000 -v api-catalog:/data -e API_CATALOG_KEYS=… --stop-timeout 15 \
#     api-catalog-mcp serve --http 0.0.0.0:3000
# docs/deploy.md has the rest. scripts/build-image-tree.mjs runs these same lines without Docker;
# paths in RUN are relative for that reason.

# The oldest long-term release of Node that has years before it; slim, because distroless has no
# shell for a look inside, and its saving is lost beside the Node that both carry.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts
# What no running program reads: source maps, types, sources and tests that packages ship, and the
# extensions of the embedded Postgres but pgvector, which is a package of its own.
RUN find dist node_modules -type f \
      \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete \
    && rm -rf node_modules/zod/src node_modules/bintrees/test node_modules/pino/test \
      node_modules/@electric-sql/pglite/dist/*.tar.gz node_modules/.package-lock.json

FROM node:24-bookworm-slim
LABEL io.modelcontextprotocol.server.name="io.github.api-catalog-mcp/api-catalog-mcp" \
      org.opencontainers.image.title="api-catalog-mcp" \
      org.opencontainers.image.description="MCP server that finds the right API operation among tens of thousands" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
    API_CATALOG_DATA_DIR=/data
WORKDIR /
# A volume is made with the owner and mode that the directory has here.
RUN mkdir data && chmod 700 data && chown 1000:1000 data
WORKDIR /app
COPY --from=build /build/node_modules ./node_modules
COPY package.json LICENSE ./
COPY docs/model-card.md ./docs/
COPY models ./models
COPY migrations ./migrations
COPY deploy/healthcheck.mjs ./
COPY --from=build /build/dist ./dist
# The user `node` of the base, by number: Kubernetes' runAsNonRoot knows no names.
USER 1000:1000
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["node", "healthcheck.mjs"]
# Node is the first process and gets the signals itself: no shell and no npm in between.
ENTRYPOINT ["node", "dist/main.js"]
CMD ["serve"]
