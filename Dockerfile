# syntax=docker/dockerfile:1
# Any Debian-based image with Python ≥ 3.11 will do, for both stages.
ARG BASE=python:3.12-slim

FROM ${BASE} AS build
WORKDIR /src
# What builds the wheel is pinned with the developer tools, which stay in this stage.
COPY constraints.txt constraints-dev.txt ./
RUN python3 -m venv /opt/presswatch && python3 -m venv /opt/build \
    && /opt/presswatch/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --no-compile \
         --no-deps --require-hashes -r constraints.txt \
    && /opt/build/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --no-compile \
         --no-deps --require-hashes -r constraints-dev.txt
COPY . .
# Without the packages' own tests and installers; compiled here, because nobody may write there later.
RUN /opt/build/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
      --wheel-dir /wheels . \
    && /opt/presswatch/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile \
         /wheels/*.whl \
    && cd /opt/presswatch/lib/python3*/site-packages \
    && rm -rf pip pip-*.dist-info setuptools setuptools-*.dist-info _distutils_hack pkg_resources \
         distutils-precedence.pth ../../../bin/pip* \
    && find . -type d \( -name tests -o -name test \) -prune -exec rm -rf {} + \
    && /opt/presswatch/bin/python -m compileall -q -j 0 .

FROM ${BASE}
# The number is the user: Kubernetes' runAsNonRoot cannot look names up.
RUN useradd --uid 10001 --home-dir /data --no-create-home presswatch \
    && mkdir -p /data /config && chown presswatch /data
COPY --from=build /opt/presswatch /opt/presswatch
# All that is kept lies below /data, whatever the configuration calls its folders.
ENV PATH=/opt/presswatch/bin:$PATH \
    PRESSWATCH_CONFIG=/config \
    PRESSWATCH_DATA=/data \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m --timeout=10s --start-period=30s CMD ["presswatch", "check", "--heartbeat"]
ENTRYPOINT ["presswatch"]
CMD ["watch"]
