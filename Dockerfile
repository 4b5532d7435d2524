# The base is an argument so that a registry mirror or a locally built base can stand in for it.
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
# `node` itself comes with the base; its npm package would only be downloaded again.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/build.ts ./scripts/
COPY src ./src
RUN node scripts/build.ts && find dist -name '*.map' -delete

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /build
COPY package.json package-lock.json ./
# Source maps and types are a third of what is installed, and nothing reads them here.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && find node_modules \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.?ts' \) -delete

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE ./
# Checkpoints, reports and logs: everything that must outlive the container.
RUN mkdir /data && chown 10001:10001 /data
VOLUME /data
WORKDIR /data
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["--help"]
