# Vigie as an image of one static binary: docker build -t vigie .
# With --build-arg COMMIT=$(git rev-parse HEAD) it knows what it was made from.
#
# State and configuration live in /vigie. Paths in config.toml start at its own
# folder, so the default store ("vigie.db") lands in the volume:
#
#   docker run -d --name vigie --restart unless-stopped -p 127.0.0.1:8080:8080 \
#     --env-file vigie.env -v vigie:/vigie -v "$PWD/config.toml:/vigie/config.toml:ro" vigie
#
# A container is reached from outside only if config.toml says listen = ":8080"
# (and then it needs a token). On another port, give the health check its own:
# --health-cmd '/bot health --url http://127.0.0.1:9000/healthz' needs a shell, so
# change the line below instead.

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG COMMIT
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X main.commit=$COMMIT" -o /out/bot ./bot && mkdir /out/empty

# Time zones are in the binary; certificates aren't.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /out/empty /vigie
COPY --from=build --chown=65532:65532 /out/empty /tmp
COPY --from=build /out/bot /bot
USER 65532:65532
WORKDIR /vigie
VOLUME /vigie
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=15s --retries=3 \
  CMD ["/bot", "health", "--url", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["/bot"]
CMD ["serve", "--config", "/vigie/config.toml"]
