# The image of the operator and of its refresh pods: Node and the bundle, nothing else.
#
#   docker build -t saas-license-operator:dev .                                            the bundle is made in the image's builder
#   npm ci && npm run build && docker build --build-arg BUNDLE=host -t … .                 the bundle was made here: needs no network
#
# Plain instructions only, so that both of Docker's builders, Podman and kaniko take it.
ARG NODE_IMAGE=node:26-bookworm-slim

FROM ${NODE_IMAGE} AS bundle
# builder: from the source, as a release does. host: dist/ as it is.
ARG BUNDLE=builder
WORKDIR /source
COPY . .
RUN if [ "$BUNDLE" = builder ]; then rm -rf dist && npm ci && npm run build; fi \
  && if [ ! -f dist/saaslicense.mjs ]; then echo 'There is no bundle: run "npm ci && npm run build" first, or leave BUNDLE out.' >&2; exit 1; fi \
  && find dist -name '*.map' -delete \
  && cp LICENSE dist/

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="saas-license-operator" \
  org.opencontainers.image.description="Kubernetes operator that tracks SaaS subscriptions, finds the unused ones and reclaims them safely" \
  org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
COPY --from=bundle /source/dist/ /app/
COPY config/image/saaslicense /usr/local/bin/saaslicense
# A number, so that the kubelet can see that it is not root.
USER 65532:65532
WORKDIR /app
EXPOSE 8080 8082
ENTRYPOINT ["saaslicense"]
CMD ["--help"]
