# The API on port 8000, on a CPU. Weights are not in the image: they live in the volume /app/weights, where the
# first job fetches them. `docker build` uses pip's default index; give it one with CPU builds of torch to save 5 GB:
#   docker build --build-arg PIP_EXTRA_INDEX_URL=... -t person-tracker .
#   docker run --init -p 127.0.0.1:8000:8000 -e MCT_TOKEN=a-long-secret-of-yours \
#     -v person-tracker-weights:/app/weights -v "$PWD:/data" person-tracker

FROM python:3.11-slim-bookworm AS requirements
ARG PIP_EXTRA_INDEX_URL=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /requirements
RUN python -m venv /venv
# Only these: a change of the source leaves this layer alone.
COPY requirements.txt requirements-cpu.txt constraints.txt ./
RUN /venv/bin/python -m pip install -r requirements.txt

FROM python:3.11-slim-bookworm
# What OpenCV's wheel links to and does not bring: libGL and glib.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home tracker
COPY --from=requirements /venv /venv
WORKDIR /app
COPY . .
RUN install -d -o tracker -g tracker /app/weights /data
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MCT_CACHE=/app/weights/cache \
    MCT_HOST=0.0.0.0 \
    MCT_PORT=8000
# Paths in requests are relative to here: mount the videos and take the results.
WORKDIR /data
VOLUME ["/app/weights", "/data"]
USER 1000:1000
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4).close()"]
CMD ["python", "/app/app.py"]
