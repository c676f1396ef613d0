"""A small RTSP server for the tests, on loopback: loops raw H.264 clips, and misbehaves when told.

Run by the system's Python, for which Debian packages GStreamer's bindings, as a process of its own:

    /usr/bin/python3 rtsp_server.py PORT NAME=CLIP.h264[,CLIP2.h264]... [USER:PASSWORD]

`CLIP.h264` is an Annex B stream whose access units begin with a delimiter. It says `ready` once clients may come, and
takes a command a line from stdin: `freeze NAME`, `thaw NAME`, `next NAME` (go on with the stream's next clip). It ends
with its stdin.
"""

from __future__ import annotations

import sys
import threading
from itertools import cycle
from pathlib import Path

import gi  # type: ignore[import-not-found]  # of the system's Python

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # type: ignore[import-not-found]  # noqa: E402 - after the versions

FPS = 25
DELIMITER = b"\x00\x00\x00\x01\x09"
LAUNCH = (
    "( appsrc name=src is-live=true do-timestamp=true format=time "
    "caps=video/x-h264,stream-format=byte-stream,alignment=au ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)


class Stream:
    """One looped stream; its clients share one media, which is made anew when the first of them comes."""

    def __init__(self, clips: list[Path]) -> None:
        self._clips = cycle([_access_units(clip) for clip in clips])
        self._units = cycle(next(self._clips))
        self._sources: list[Gst.Element] = []
        self.frozen = False
        GLib.timeout_add(1000 // FPS, self._push)

    def opened(self, _: object, media: GstRtspServer.RTSPMedia) -> None:
        """A client came: begin with a key picture."""
        self._sources = [media.get_element().get_by_name_recurse_up("src")]

    def switch(self) -> None:
        """Go on with the next clip."""
        self._units = cycle(next(self._clips))

    def _push(self) -> bool:
        if not self.frozen:
            unit = next(self._units)
            for source in self._sources:
                source.emit("push-buffer", Gst.Buffer.new_wrapped(unit))
        return True


def _access_units(clip: Path) -> list[bytes]:
    return [DELIMITER + unit for unit in clip.read_bytes().split(DELIMITER) if unit]


def _protect(server: GstRtspServer.RTSPServer, user_and_password: str) -> None:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(*user_and_password.split(":", 1)), token)
    server.set_auth(auth)


def _obey(streams: dict[str, Stream], loop: GLib.MainLoop) -> None:
    for line in sys.stdin:
        verb, name = line.split()
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
        if not is_stream:
            _protect(server, word)
            continue
        streams[name] = Stream([Path(clip) for clip in clips.split(",")])
        factory = GstRtspServer.RTSPMediaFactory(launch=LAUNCH, shared=True)
        permissions = GstRtspServer.RTSPPermissions.new()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
        factory.connect("media-configure", streams[name].opened)
        server.get_mount_points().add_factory(f"/{name}", factory)
    loop = GLib.MainLoop()
    if not server.attach(None):
        sys.exit(f"port {port} is taken")
    threading.Thread(target=_obey, args=(streams, loop), daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    loop.run()


if __name__ == "__main__":
    main()
