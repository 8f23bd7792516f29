# syntax=docker/dockerfile:1
# Any Debian-based image with Python ≥ 3.11 will do, for both stages.
ARG BASE=python:3.12-slim

FROM ${BASE} AS build
WORKDIR /src
RUN python3 -m venv /opt/presswatch
COPY constraints.txt .
RUN /opt/presswatch/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r constraints.txt
COPY . .
RUN /opt/presswatch/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation .

FROM ${BASE}
RUN useradd --uid 10001 --home-dir /data --no-create-home presswatch \
    && mkdir -p /data /config && chown presswatch /data
COPY --from=build /opt/presswatch /opt/presswatch
ENV PATH=/opt/presswatch/bin:$PATH \
    PRESSWATCH_CONFIG=/config \
    PYTHONUNBUFFERED=1
USER presswatch
WORKDIR /data
VOLUME /data
EXPOSE 8001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m --timeout=10s --start-period=30s CMD ["presswatch", "check", "--heartbeat"]
ENTRYPOINT ["presswatch"]
CMD ["watch"]
