# The image of the operator and of its refresh pods: Node, the libraries that it is linked to, and the bundle. No shell, no npm, no package manager.
#
#   docker build --build-arg NODE_IMAGE=node:26-bookworm-slim@sha256:… -t saas-license-operator:dev .       the bundle is made in the image's builder
#   npm ci && npm run build && docker build --build-arg BUNDLE=host --build-arg NODE_IMAGE=… -t … .         the bundle was made here: needs no network
#
# Where Node comes from is pinned by digest (docs/install.md tells how to find it), or said not to be: --build-arg PINNED=no.
# Plain instructions only, so that both of Docker's builders, Podman and kaniko take it.
ARG NODE_IMAGE=node:26-bookworm-slim

FROM ${NODE_IMAGE} AS bundle
ARG NODE_IMAGE
ARG PINNED=yes
RUN case "$PINNED $NODE_IMAGE" in \
    no\ * | *@sha256:*) ;; \
    *) echo "NODE_IMAGE=$NODE_IMAGE is not pinned: name it with its digest (@sha256:…), or say --build-arg PINNED=no for an image that nobody releases." >&2; exit 1 ;; \
  esac
# builder: from the source, as a release does. host: dist/ as it is.
ARG BUNDLE=builder
WORKDIR /source
COPY . .
RUN if [ "$BUNDLE" = builder ]; then rm -rf dist && npm ci && npm run build; fi \
  && if [ ! -f dist/saaslicense.mjs ]; then echo 'There is no bundle: run "npm ci && npm run build" first, or leave BUNDLE out.' >&2; exit 1; fi \
  && find dist -name '*.map' -delete \
  && cp LICENSE dist/ \
  && sh config/image/assemble /image "$(command -v node)" dist

FROM scratch
LABEL org.opencontainers.image.title="saas-license-operator" \
  org.opencontainers.image.description="Kubernetes operator that tracks SaaS subscriptions, finds the unused ones and reclaims them safely" \
  org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production PATH=/usr/local/bin
COPY --from=bundle /image/ /
# A number, so that the kubelet can see that it is not root.
USER 65532:65532
WORKDIR /app
EXPOSE 8080 8082
ENTRYPOINT ["saaslicense"]
CMD ["--help"]
