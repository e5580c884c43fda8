"""``studio open``: open the studio page in a browser."""

import webbrowser

from server.cli import console, sign_in
from server.cli.console import DataDir, out


def open_page(data_dir: DataDir = None) -> None:
    """Open the studio page in a browser, signed in as the first admin."""
    link = sign_in.create_link(console.load_settings(data_dir=data_dir))
    if not webbrowser.open(link):
        out.print(f"There is no browser on this machine. Open within ten minutes:\n{link}", markup=False)
