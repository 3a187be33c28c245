# Workbee as an image: one for the web workers (the default command) and for the job worker (`workbee worker`).
# It expects an outside PostgreSQL and Redis: see compose.yaml and docs/operations.md.
FROM python:3.13-slim AS build
WORKDIR /source
COPY requirements requirements
RUN python -m venv /opt/workbee \
    && /opt/workbee/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt \
    && pip install --no-cache-dir --require-hashes -r requirements/node.txt
COPY . .
# The front end takes npm, and the packages that fonts are cut down and texts compressed with; the wheel is refused without it.
RUN PYTHONPATH="$(/opt/workbee/bin/python -c 'import site; print(site.getsitepackages()[0])')" python -m webapp.runtime.assets \
    && /opt/workbee/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
COPY --from=build /opt/workbee /opt/workbee
RUN useradd --system --uid 10001 --home-dir /data workbee && install --directory --owner=workbee --mode=0700 /data
ENV PATH=/opt/workbee/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    WORKBEE_DATA_DIR=/data \
    WORKBEE_HOST=0.0.0.0
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:5000/healthz', timeout=2)"]
CMD ["workbee", "serve"]
