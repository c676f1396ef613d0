"""A small RTSP server for the tests, on loopback: loops raw H.264 clips, and misbehaves when told.

Run by the system's Python, for which Debian packages GStreamer's bindings, as a process of its own:

    /usr/bin/python3 rtsp_server.py PORT [USER:PASSWORD] NAME=CLIP.h264[,CLIP2.h264]...

A clip is an Annex B stream of 10 pictures a second whose access units begin with a delimiter. The server says `ready`
once clients may come, takes a command a line from stdin, and ends with it:

- `freeze NAME`, `thaw NAME`: the camera goes on, but nothing of it is sent;
- `next NAME`: go on with the stream's next clip;
- `drop`: cut every client off.
"""

from __future__ import annotations

import sys
import threading
from itertools import cycle
from pathlib import Path
from typing import Any

import gi  # type: ignore[import-not-found]  # of the system's Python

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # type: ignore[import-not-found]  # noqa: E402 - after the versions

FPS = 10
DELIMITER = b"\x00\x00\x00\x01\x09"
LAUNCH = (
    "( appsrc name=src is-live=true do-timestamp=true format=time "
    "caps=video/x-h264,stream-format=byte-stream,alignment=au ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)


class Stream:
    """One looped stream, as long as the server runs; its clients share one pipeline."""

    def __init__(self, clips: list[Path]) -> None:
        self._clips = cycle([_access_units(clip) for clip in clips])
        self._units = cycle(next(self._clips))
        self._source: Any = None
        self.frozen = False
        GLib.timeout_add(1000 // FPS, self._push)

    def opened(self, _: object, media: Any) -> None:
        """The first client came: from here on pictures go there."""
        self._source = media.get_element().get_by_name_recurse_up("src")

    def switch(self) -> None:
        """Go on with the next clip."""
        self._units = cycle(next(self._clips))

    def _push(self) -> bool:
        unit = next(self._units)
        if self._source is not None and not self.frozen:
            self._source.emit("push-buffer", Gst.Buffer.new_wrapped(unit))
        return True


def _access_units(clip: Path) -> list[bytes]:
    return [DELIMITER + unit for unit in clip.read_bytes().split(DELIMITER) if unit]


def _protect(server: Any, user: str, password: str) -> None:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)


def _add(server: Any, name: str, stream: Stream) -> None:
    factory = GstRtspServer.RTSPMediaFactory(launch=LAUNCH, shared=True)
    permissions = GstRtspServer.RTSPPermissions.new()
    for permission in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("viewer", permission, True)
    factory.set_permissions(permissions)
    factory.connect("media-configure", stream.opened)
    server.get_mount_points().add_factory(f"/{name}", factory)


def _obey(server: Any, streams: dict[str, Stream], loop: Any) -> None:
    for line in sys.stdin:
        verb, *names = line.split()
        if verb == "drop":
            server.client_filter(lambda *_: GstRtspServer.RTSPFilterResult.REMOVE)
        for name in names:
            if verb == "next":
                streams[name].switch()
            else:
                streams[name].frozen = verb == "freeze"
    loop.quit()


def main() -> None:
    """Serve until stdin is closed."""
    port, *words = sys.argv[1:]
    Gst.init(None)
    server = GstRtspServer.RTSPServer(address="127.0.0.1", service=port)
    streams: dict[str, Stream] = {}
    for word in words:
        name, is_stream, clips = word.partition("=")
        if is_stream:
            streams[name] = Stream([Path(clip) for clip in clips.split(",")])
            _add(server, name, streams[name])
        else:
            _protect(server, *word.split(":", 1))
    loop = GLib.MainLoop()
    if not server.attach(None):
        sys.exit(f"port {port} is taken")
    threading.Thread(target=_obey, args=(server, streams, loop), daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    loop.run()


if __name__ == "__main__":
    main()
