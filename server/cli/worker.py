"""``studio worker``: a worker process of a larger installation."""

import workers.rq_worker
from server.cli import console, start_checks
from server.embedded.errors import StartupError
from storage.blobs import factory
from storage.blobs.signed_urls import UrlSigner
from workers.file_tags import c2pa


def worker() -> None:
    """Run a worker that uses DATABASE_URL and REDIS_URL. It runs one job at a time."""
    settings = start_checks.load_settings()
    with console.errors_reported():
        try:
            # also loads the blob store's library once, before the worker forks
            factory.create(settings, UrlSigner(settings.public_url, b""))
            c2pa.create_signer(settings.c2pa)
        except ValueError as error:
            raise StartupError(f"The worker cannot start: {error}.") from error
        start_checks.check_database(settings)
        start_checks.check_keys(settings, signs_urls=False)
    workers.rq_worker.run(settings)
