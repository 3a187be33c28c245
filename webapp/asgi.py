"""`webapp.asgi:app`: the application with the environment's settings, for any ASGI server.

It needs the addresses of a database and of Redis; embedded ones run under `workbee up` alone. What `workbee serve` adds
to a plain server is in docs/operations.md. Raises SettingsError on import where the settings cannot be used.
"""

import os

from webapp.app import create_app
from webapp.config import load_settings
from webapp.integrations.storage import Storage
from webapp.logs import configure

os.umask(0o077)  # uploads are for nobody else's eyes
_settings = load_settings()
configure(_settings.log_level, _settings.log_format, log_requests=_settings.log_requests)
Storage.of(_settings).check()
app = create_app(_settings)
