# One image for the API (`palier serve`), the worker (`palier worker`) and migrations (`palier migrate`).

FROM python:3.11-slim-bookworm AS build
RUN python -m venv /opt/palier
ENV PATH=/opt/palier/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements/runtime.txt requirements/
RUN pip install --require-hashes -r requirements/runtime.txt
COPY . .
RUN pip install --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN useradd --system --create-home --home-dir /var/lib/palier palier
COPY --from=build /opt/palier /opt/palier
ENV PATH=/opt/palier/bin:$PATH PYTHONUNBUFFERED=1 PALIER_DATA_DIR=/var/lib/palier PALIER_HOST=0.0.0.0
USER palier
WORKDIR /var/lib/palier
VOLUME /var/lib/palier
EXPOSE 8000
ENTRYPOINT ["palier"]
CMD ["serve"]
