"""What a saved PNG shows, told by the browser that saved it: its size, its ground, and how much of it is drawn in what colours."""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from typing import Any

_READ = """async (bytes) => {
  const data = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
  const image = await createImageBitmap(new Blob([data], { type: "image/png" }));
  const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const pixels = pen.getImageData(0, 0, image.width, image.height).data, counts = new Map();
  for (let at = 0; at < pixels.length; at += 4) {
    const colour = (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return { ground: (pixels[0] << 16) | (pixels[1] << 8) | pixels[2], counts: [...counts] };
}"""


@dataclass(frozen=True)
class Picture:
    """A PNG: pixels across and down, the colour of its corner, how many pixels each colour has, and the name it was saved as."""

    wide: int
    high: int
    ground: int
    counts: dict[int, int]
    name: str

    @property
    def drawn(self) -> float:
        """The share of pixels that are not the ground."""
        return 1 - self.counts[self.ground] / (self.wide * self.high)

    @property
    def light(self) -> bool:
        """Whether the ground is light."""
        return sum((self.ground >> shift) & 255 for shift in (0, 8, 16)) > 3 * 128

    def has(self, colour: int) -> bool:
        """Whether more than a speck is of just that colour."""
        return self.counts.get(colour, 0) > 20


def saved(page: Any, button: Any) -> Picture:
    """What clicking a button saves, read back. Fails where it is no PNG."""
    with page.expect_download() as got:
        button.click()
    data = got.value.path().read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = struct.unpack(">II", data[16:24])
    read = page.evaluate(_READ, base64.b64encode(data).decode())
    return Picture(wide, high, read["ground"], dict(read["counts"]), got.value.suggested_filename)
