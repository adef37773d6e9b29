"""Drive a desktop program as a person does, on a screen of its own.

    with Desk() as desk:
        app = desk.launch(["python", "-m", "whitecross"], env={...})
        app.find(id="search").click()
        desk.type("okafor"); desk.key("Return")
        assert app.find(role="label", name=r"Offline.*").shown
        desk.shot("out/after-search.png")

A Desk is a private X server (Xvfb), a private D-Bus session, a window manager
(openbox) and the accessibility bus.  Nothing is shared with another Desk, so
several may run at once.  The program under test is found and read through
AT-SPI, the interface that screen readers use, and is moved by real X key and
mouse events (xdotool).  No code runs inside the program and nothing in it has
to be prepared, beyond names that a screen reader needs anyway.

Debian packages: xvfb xdotool openbox at-spi2-core dbus x11-utils.  Python: jeepney.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from jeepney import DBusAddress, MessageType, Properties, new_method_call
from jeepney.io.blocking import open_dbus_connection

A11Y = "org.a11y.atspi."
ROOT = "/org/a11y/atspi/accessible/root"
STATES = [
    "invalid",
    "active",
    "armed",
    "busy",
    "checked",
    "collapsed",
    "defunct",
    "editable",
    "enabled",
    "expandable",
    "expanded",
    "focusable",
    "focused",
    "has_tooltip",
    "horizontal",
    "iconified",
    "modal",
    "multi_line",
    "multiselectable",
    "opaque",
    "pressed",
    "resizable",
    "selectable",
    "selected",
    "sensitive",
    "showing",
    "single_line",
    "stale",
    "transient",
    "vertical",
    "visible",
    "manages_descendants",
    "indeterminate",
    "required",
    "truncated",
    "animated",
    "invalid_entry",
    "supports_autocompletion",
    "selectable_text",
    "is_default",
    "visited",
    "checkable",
    "has_popup",
    "read_only",
]

ROLES = [
    "invalid",
    "accelerator_label",
    "alert",
    "animation",
    "arrow",
    "calendar",
    "canvas",
    "check_box",
    "check_menu_item",
    "color_chooser",
    "column_header",
    "combo_box",
    "date_editor",
    "desktop_icon",
    "desktop_frame",
    "dial",
    "dialog",
    "directory_pane",
    "drawing_area",
    "file_chooser",
    "filler",
    "focus_traversable",
    "font_chooser",
    "frame",
    "glass_pane",
    "html_container",
    "icon",
    "image",
    "internal_frame",
    "label",
    "layered_pane",
    "list",
    "list_item",
    "menu",
    "menu_bar",
    "menu_item",
    "option_pane",
    "page_tab",
    "page_tab_list",
    "panel",
    "password_text",
    "popup_menu",
    "progress_bar",
    "push_button",
    "radio_button",
    "radio_menu_item",
    "root_pane",
    "row_header",
    "scroll_bar",
    "scroll_pane",
    "separator",
    "slider",
    "spin_button",
    "split_pane",
    "status_bar",
    "table",
    "table_cell",
    "table_column_header",
    "table_row_header",
    "tearoff_menu_item",
    "terminal",
    "text",
    "toggle_button",
    "tool_bar",
    "tool_tip",
    "tree",
    "tree_table",
    "unknown",
    "viewport",
    "window",
    "extended",
    "header",
    "footer",
    "paragraph",
    "ruler",
    "application",
    "autocomplete",
    "editbar",
    "embedded",
    "entry",
    "chart",
    "caption",
    "document_frame",
    "heading",
    "page",
    "section",
    "redundant_object",
    "form",
    "link",
    "input_method_window",
    "table_row",
    "tree_item",
    "document_spreadsheet",
    "document_presentation",
    "document_text",
    "document_web",
    "document_email",
    "comment",
    "list_box",
    "grouping",
    "image_map",
    "notification",
    "info_bar",
    "level_bar",
    "title_bar",
    "block_quote",
    "audio",
    "video",
    "definition",
    "article",
    "landmark",
    "log",
    "marquee",
    "math",
    "rating",
    "timer",
    "static",
    "math_fraction",
    "math_root",
    "subscript",
    "superscript",
    "description_list",
    "description_term",
    "description_value",
    "footnote",
    "content_deletion",
    "content_insertion",
    "mark",
    "suggestion",
    "push_button_menu",
]
CELLS = ("table cell", "list item", "tree item")
LETTERS = "éèêáàâãäåíïóôõöøúüñç’–µ°½"  # typed without a hitch; Desk(letters=...) for others


class NotFound(AssertionError):
    pass


class Gone(Exception):
    "The node or the program is no longer there."


def _wait(fn: Callable, timeout: float, step: float = 0.05):
    end = time.monotonic() + timeout
    while True:
        r = fn()
        if r or time.monotonic() > end:
            return r
        time.sleep(step)


class Node:
    "One accessible object. Every property asks the program anew: nothing is cached."

    def __init__(self, app: App, bus: str, path: str) -> None:
        self.app, self.bus, self.path = app, bus, path

    def __eq__(self, o):
        return isinstance(o, Node) and (self.bus, self.path) == (o.bus, o.path)

    def __hash__(self):
        return hash((self.bus, self.path))

    def __repr__(self) -> str:
        try:
            return f"<{self.role} {self.name!r} #{self.short_id}>"
        except Gone:
            return f"<gone {self.path}>"

    # -- reading ---------------------------------------------------------
    def _call(self, iface: str, member: str, sig: str | None = None, args: tuple = ()):
        return self.app.desk._call(self.bus, self.path, A11Y + iface, member, sig, args)

    def _prop(self, iface: str, name: str):
        return self.app.desk._prop(self.bus, self.path, A11Y + iface, name)

    @property
    def name(self) -> str:
        return self._prop("Accessible", "Name")

    @property
    def description(self) -> str:
        return self._prop("Accessible", "Description")

    @property
    def id(self) -> str:
        "Qt: the object names from the top down, joined by dots (or the accessibleIdentifier)."
        try:
            return self._prop("Accessible", "AccessibleId")
        except Gone:
            raise
        except Exception:
            return ""

    @property
    def short_id(self) -> str:
        return self.id.rsplit(".", 1)[-1]

    @property
    def role(self) -> str:
        n = self._call("Accessible", "GetRole")[0]
        return ROLES[n].replace("_", " ") if n < len(ROLES) else str(n)

    @property
    def states(self) -> set[str]:
        lo, hi = self._call("Accessible", "GetState")[0]
        bits = lo | hi << 32
        return {s for i, s in enumerate(STATES) if bits >> i & 1}

    @property
    def shown(self) -> bool:
        s = self.states
        return "showing" in s and "visible" in s

    @property
    def enabled(self) -> bool:
        return "enabled" in self.states

    @property
    def focused(self) -> bool:
        return "focused" in self.states

    @property
    def checked(self) -> bool:
        return "checked" in self.states

    @property
    def selected(self) -> bool:
        return "selected" in self.states

    @property
    def interfaces(self) -> list[str]:
        return [i.rsplit(".", 1)[-1] for i in self._call("Accessible", "GetInterfaces")[0]]

    @property
    def children(self) -> list[Node]:
        return [Node(self.app, b, p) for b, p in self._call("Accessible", "GetChildren")[0] if not p.endswith("/null")]

    @property
    def parent(self) -> Node | None:
        b, p = self._prop("Accessible", "Parent")
        return None if p.endswith("/null") else Node(self.app, b, p)

    @property
    def box(self) -> tuple[int, int, int, int]:
        "x, y, width, height on the screen"
        k = self.app.scale  # Qt answers in its own pixels, not the screen's
        return tuple(round(v * k) for v in self._call("Component", "GetExtents", "u", (0,))[0])

    @property
    def text(self) -> str:
        "What is written in it: an edit's content, else its name."
        if "Text" in self.interfaces:
            return self._call("Text", "GetText", "ii", (0, -1))[0]
        return self.name

    @property
    def value(self) -> float:
        return self._prop("Value", "CurrentValue")

    @property
    def said(self) -> str:
        "Roughly what a screen reader speaks on reaching it."
        return ", ".join(x for x in (self.name, self.role, self.description) if x)

    # -- searching -------------------------------------------------------
    def walk(self, limit: int = 4000, cells=False) -> Iterator[Node]:
        "Breadth first. The cells of a table with over 600 are passed by unless asked for; use rows, cell() and row_of()."
        todo, n = deque([self]), 0
        while todo and n < limit:
            a = todo.popleft()
            n += 1
            yield a
            try:
                if (
                    not cells
                    and a.role in ("table", "tree table", "tree", "list")
                    and a._prop("Accessible", "ChildCount") > 600
                ):
                    continue
                todo.extend(a.children)
            except Gone:
                pass

    def _hit(self, role, name, id, desc, state) -> bool:
        def same(want, got):
            return want is None or (
                want == got
                if isinstance(want, str) and not _RE.search(want)
                else re.fullmatch(want, got, re.DOTALL) is not None
            )

        try:
            if not same(role, self.role):
                return False
            if not same(name, self.name) or not same(desc, self.description):
                return False
            if id is not None and not (self.id == id or self.id.endswith("." + id)):
                return False
            return state is None or set(state.split()) <= self.states
        except Gone:
            return False

    def all(self, *, role=None, name=None, id=None, desc=None, state="showing", limit=4000) -> list[Node]:
        "role, name and desc: a plain string is compared whole; with any of *+?[]()|\\ in it, it is a regular expression."
        return [a for a in self.walk(limit, role in CELLS) if a._hit(role, name, id, desc, state)]

    def find(self, *, role=None, name=None, id=None, desc=None, state="showing", timeout=5.0, nth=0) -> Node:
        def look():
            self.app.check()
            seen = -1
            for a in self.walk(cells=role in CELLS):
                if a._hit(role, name, id, desc, state):
                    seen += 1
                    if seen == nth:
                        return a
            return None

        r = _wait(look, timeout)
        if r is None:
            raise NotFound(
                f"no {role or 'node'} name={name!r} id={id!r} state={state!r} within {timeout} s\n{self.tree(120)}"
            )
        return r

    def gone(self, timeout=5.0, **kw) -> bool:
        "True once nothing matches (for dialogs and busy signs that must go away)."
        return bool(_wait(lambda: not self.all(**kw), timeout))

    def tree(self, limit=400) -> str:
        out: list[str] = []

        def rec(a, d) -> None:
            if len(out) >= limit:
                return
            try:
                out.append(f"{'  ' * d}{a.role} {a.name!r} #{a.short_id}" + ("" if a.shown else " (hidden)"))
                for c in a.children:
                    rec(c, d + 1)
            except Gone:
                pass

        rec(self, 0)
        return "\n".join(out)

    # -- tables ------------------------------------------------------------
    @property
    def rows(self) -> int:
        return self._prop("Table", "NRows")

    @property
    def columns(self) -> int:
        return self._prop("Table", "NColumns")

    def cell(self, r: int, c: int) -> Node:
        b, p = self._call("Table", "GetAccessibleAt", "ii", (r, c))[0]
        return Node(self.app, b, p)

    def row_text(self, r: int) -> list[str]:
        return [self.cell(r, c).name for c in range(self.columns)]

    def row_of(self, pattern: str, column: int | None = None) -> int:
        for r in range(self.rows):
            cells = self.row_text(r)
            if any(re.search(pattern, t) for t in (cells if column is None else [cells[column]])):
                return r
        raise NotFound(f"no row matches {pattern!r}")

    def selected_rows(self) -> list[int]:
        return list(self._call("Table", "GetSelectedRows")[0])

    # -- acting as a person ------------------------------------------------
    def centre(self) -> tuple[int, int]:
        x, y, w, h = self.box
        if w <= 0 or h <= 0:
            raise NotFound(f"{self!r} has no area on the screen")
        return x + w // 2, y + h // 2

    def click(self, button=1, times=1) -> Node:
        x, y = self.centre()
        self.app.desk.mouse(x, y, button, times)
        return self

    def focus(self) -> Node:
        self._call("Component", "GrabFocus")
        if not _wait(lambda: self.focused, 2):
            raise NotFound(f"{self!r} did not take the focus")
        return self

    def fill(self, text: str) -> Node:
        "Click, select all, type: what a person does."
        self.click()
        self.app.desk.key("ctrl+a")
        self.app.desk.type(text)
        return self

    # -- acting as assistive technology (no mouse, no keys) -----------------
    def actions(self) -> list[str]:
        return [self._call("Action", "GetName", "i", (i,))[0] for i in range(self._prop("Action", "NActions"))]

    def do(self, action: str | int = 0) -> Node:
        i = action if isinstance(action, int) else self.actions().index(action)
        self._call("Action", "DoAction", "i", (i,))
        return self


_RE = re.compile(r"[*+?\[\]()|\\]")


class App(Node):
    "The program's top node; its windows are its children."

    def __init__(self, desk: Desk, proc: subprocess.Popen, log: Path, scale: float = 1.0) -> None:
        self.desk, self.proc, self.log, self.scale = desk, proc, log, scale
        self.app, self.bus, self.path = self, "", ROOT

    def check(self) -> None:
        if self.proc.poll() is not None:
            raise Gone(f"the program ended with {self.proc.returncode}\n{self.tail()}")

    def tail(self, n=3000) -> str:
        return self.log.read_text(errors="replace")[-n:]

    def attach(self, timeout: float) -> str:
        "Find the program on the accessibility bus, also after it replaced itself; its name there."

        def look() -> bool | None:
            self.check()
            for b, p in self.desk._call(A11Y + "Registry", ROOT, A11Y + "Accessible", "GetChildren")[0]:
                try:
                    pid = self.desk._call(
                        "org.freedesktop.DBus",
                        "/org/freedesktop/DBus",
                        "org.freedesktop.DBus",
                        "GetConnectionUnixProcessID",
                        "s",
                        (b,),
                    )[0]
                except Exception:
                    continue
                if pid in self.desk.family(self.proc.pid):
                    self.bus, self.path = b, p
                    return True
            return None

        if not _wait(look, timeout):
            raise NotFound(f"the program did not appear on the accessibility bus in {timeout} s\n{self.tail()}")
        return self.bus

    @property
    def windows(self) -> list[Node]:
        return [w for w in self.children if w.shown]

    def focused_node(self) -> Node | None:
        "The widget with the keyboard; for a table, list or tree, its current item."
        items, best = [], None
        for a in self.walk():
            try:
                if "focused" not in a.states:
                    continue
                r = a.role
                if r in ("table cell", "list item", "tree item", "table row"):
                    items.append(a)  # Qt marks these even when the view has no focus
                elif r not in ("application", "frame", "dialog", "filler", "panel"):
                    best = a
            except Gone:
                pass
        if best is not None and best.role in ("table", "list", "tree", "tree table", "list box"):
            # Every view on the screen has a current item that says it has the focus.
            items = [item for item in items if item.parent == best]
            if items:
                return items[-1]
        return best

    def tab_walk(self, limit=60, key="Tab") -> list[Node]:
        "Press Tab until the focus comes round: the order a keyboard user meets."
        seen: list[Node] = []
        for _ in range(limit):
            f = self.focused_node()
            if f is not None:
                if f in seen:
                    break
                seen.append(f)
            self.desk.key(key)
            time.sleep(0.05)
        return seen

    def unnamed(self) -> list[Node]:
        "Things one can reach or press that have no name: each is a bug for a screen reader."
        bad = []
        for a in self.walk():
            try:
                if (
                    {"showing", "focusable"} <= a.states
                    and not a.name.strip()
                    and a.role not in ("frame", "filler", "panel", "scroll pane", "viewport", "table row header")
                ):
                    bad.append(a)
            except Gone:
                pass
        return bad

    def close(self, timeout=5.0) -> int:
        "Alt+F4, as a person closes a window. The exit status, or NotFound if it stays (a question may be open)."
        self.desk.key("alt+F4")
        if not _wait(lambda: self.proc.poll() is not None, timeout):
            raise NotFound("still running\n" + self.tree(60))
        return self.proc.returncode

    def stop(self, timeout=5.0) -> int:
        "TERM, then KILL. Returns the exit status."
        for how in (signal.SIGTERM, signal.SIGKILL):
            if self.proc.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.proc.pid, how)
                try:
                    self.proc.wait(timeout)
                except subprocess.TimeoutExpired:
                    continue
        return self.proc.wait()

    def kill(self) -> int:
        "Pull the plug (crash and power-loss tests)."
        os.killpg(self.proc.pid, signal.SIGKILL)
        return self.proc.wait()


class Desk:
    def __init__(
        self,
        size="1366x768",
        dpi: int | None = None,
        home: str | Path | None = None,
        wm="openbox",
        key_delay_ms=4,
        letters=LETTERS,
    ) -> None:
        self.size, self.dpi, self.wm, self.key_delay, self.letters = size, dpi, wm, key_delay_ms, letters
        self.dir = Path(tempfile.mkdtemp(prefix="desk-"))
        self.home = Path(home) if home else self.dir / "home"
        self.procs: list[subprocess.Popen] = []
        self.apps: list[App] = []

    # -- life ----------------------------------------------------------------
    def _spawn(self, cmd, **kw) -> subprocess.Popen:
        p = subprocess.Popen(
            cmd, stdin=subprocess.DEVNULL, start_new_session=True, stderr=kw.pop("stderr", subprocess.DEVNULL), **kw
        )
        self.procs.append(p)
        return p

    def __enter__(self) -> Self:
        try:
            return self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def _start(self) -> Desk:
        for tool in ("Xvfb", "xdotool", "dbus-daemon"):
            if not shutil.which(tool):
                raise RuntimeError(f"{tool} is not installed; see README.md")
        self.home.mkdir(parents=True, exist_ok=True)
        run = self.dir / "run"
        run.mkdir(mode=0o700)
        r, w = os.pipe()
        cmd = [
            "Xvfb",
            "-displayfd",
            str(w),
            "-screen",
            "0",
            self.size + "x24",
            "-nolisten",
            "tcp",
            "-noreset",
            "-fbdir",
            str(self.dir),
        ]
        if self.dpi:
            cmd += ["-dpi", str(self.dpi)]
        self._spawn(cmd, pass_fds=(w,), stdout=subprocess.DEVNULL)
        os.close(w)
        num = b""
        while not num.endswith(b"\n"):
            c = os.read(r, 16)
            if not c:
                raise RuntimeError("Xvfb did not start")
            num += c
        os.close(r)
        self.env = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("XDG_", "DBUS_", "QT_", "WAYLAND_", "AT_SPI")) and k != "XAUTHORITY"
        }
        self.env |= {
            "DISPLAY": ":" + num.decode().strip(),
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(run),
            "XDG_SESSION_TYPE": "x11",
            "XDG_CURRENT_DESKTOP": "e2e",
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "NO_AT_BRIDGE": "0",
            "PYTHONFAULTHANDLER": "1",
        }
        self._add_letters()
        d = self._spawn(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1"], env=self.env, stdout=subprocess.PIPE
        )
        self.env["DBUS_SESSION_BUS_ADDRESS"] = d.stdout.readline().decode().strip()
        if self.wm and shutil.which(self.wm):
            self._spawn([self.wm], env=self.env, stdout=subprocess.DEVNULL)
        self._session = open_dbus_connection(bus=self.env["DBUS_SESSION_BUS_ADDRESS"])
        addr = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
        a11y = self._session.send_and_get_reply(new_method_call(addr, "GetAddress"), timeout=10).body[0]
        st = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Status")
        self._session.send_and_get_reply(Properties(st).set("IsEnabled", "b", True), timeout=10)
        self._bus = open_dbus_connection(bus=a11y.split(",guid")[0])
        return self

    def _add_letters(self) -> None:
        """Give the letters keys of their own. xdotool would otherwise remap a key for each while typing, and
        a program that has not heard of the new map yet gets nothing or the wrong letter (seen: 1 in 3 lost)."""
        km = subprocess.run(
            ["xkbcomp", "-xkb", self.env["DISPLAY"], "-"], env=self.env, capture_output=True, text=True
        ).stdout
        used = set(re.findall(r"^\s*key\s+(<\w+>)", km, re.MULTILINE))
        free = [n for n, c in re.findall(r"^\s*(<\w+>) = (\d+);", km, re.MULTILINE) if n not in used]
        pairs = [self.letters[i : i + 2] for i in range(0, len(self.letters), 2)][: len(free)]
        self.typable = set("".join(pairs))
        keys = "".join(
            f'    key {n} {{ type= "TWO_LEVEL", symbols[Group1]= [ {", ".join(f"U{ord(c):04X}" for c in p)} ] }};\n'
            for n, p in zip(free, pairs, strict=False)
        )
        head, sep, rest = km.partition("xkb_symbols")
        brace = rest.index("{") + 1
        f = self.dir / "keys.xkb"
        f.write_text(head + sep + rest[:brace] + "\n" + keys + rest[brace:])
        subprocess.run(["xkbcomp", "-w0", str(f), self.env["DISPLAY"]], env=self.env, check=True, capture_output=True)

    def __exit__(self, *exc):
        for a in self.apps:
            with contextlib.suppress(Exception):
                a.stop(2)
        for p in reversed(self.procs):
            try:
                os.killpg(p.pid, signal.SIGTERM)
                p.wait(3)
            except Exception:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(p.pid, signal.SIGKILL)
                    p.wait(3)
            if p.stdout is not None:
                p.stdout.close()
        for bus in (getattr(self, "_session", None), getattr(self, "_bus", None)):
            if bus is not None:
                bus.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def launch(
        self, cmd: list[str], env: dict | None = None, cwd=None, timeout=20.0, wait_window=True, scale=1.0
    ) -> App:
        "scale: what a 150 % or 200 % display does (Qt); give the Desk a larger size with it."
        if scale != 1.0:
            env = (env or {}) | {"QT_SCALE_FACTOR": str(scale)}
        log = self.dir / f"app{len(self.apps)}.log"
        out = log.open("wb")
        p = subprocess.Popen(
            cmd,
            env=self.env | (env or {}),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        out.close()
        app = App(self, p, log, scale)
        self.apps.append(app)
        app.started = time.monotonic()
        app.attach(timeout)

        def up():
            try:
                return app.windows
            except Gone:
                app.check()

        if wait_window and not _wait(up, timeout):
            raise NotFound("no window showed\n" + app.tail())
        _wait(lambda: any("active" in w.states for w in app.windows), 3)  # else the first keys go nowhere
        app.ready_s = time.monotonic() - app.started
        return app

    @staticmethod
    def family(pid: int) -> set[int]:
        kids, todo = {pid}, [pid]
        while todo:
            p = todo.pop()
            try:
                for t in os.listdir(f"/proc/{p}/task"):
                    for k in Path(f"/proc/{p}/task/{t}/children").read_text().split():
                        kids.add(int(k))
                        todo.append(int(k))
            except OSError:
                pass
        return kids

    # -- D-Bus ---------------------------------------------------------------
    def _ask(self, msg):
        try:
            r = self._bus.send_and_get_reply(msg, timeout=5)
        except TimeoutError as e:
            raise Gone("the program did not answer in 5 s: its event loop is blocked") from e
        if r.header.message_type == MessageType.error:
            raise Gone(str(r.body))
        return r.body

    def _call(self, bus, path, iface, member, sig=None, args=()):
        return self._ask(new_method_call(DBusAddress(path, bus, iface), member, sig, args))

    def _prop(self, bus, path, iface, name):
        return self._ask(Properties(DBusAddress(path, bus, iface)).get(name))[0][1]

    # -- hands ---------------------------------------------------------------
    def _xdo(self, *a) -> None:
        subprocess.run(["xdotool", *map(str, a)], env=self.env, check=True, stdin=subprocess.DEVNULL)

    def mouse(self, x, y, button=1, times=1) -> None:
        # no --sync: it waits for a move, and hangs where the pointer is there already
        self._xdo("mousemove", x, y, "sleep", 0.02, "click", "--repeat", times, "--delay", 60, button)

    def key(self, *chords: str) -> None:
        "X names: Return, Escape, Tab, ISO_Left_Tab, Down, ctrl+l, alt+1, F5"
        self._xdo("key", "--clearmodifiers", "--delay", self.key_delay * 2, *chords)
        self.settle(0.03)

    def type(self, text: str) -> None:
        for known, run in itertools.groupby(text, lambda c: " " <= c <= "~" or c in self.typable):
            self._xdo("type", "--clearmodifiers", "--delay", self.key_delay if known else 150, "--", "".join(run))
        self.settle(0.03)

    def settle(self, s=0.15) -> None:
        "Let the program take in what it was sent: a pause, then one question that its main loop must answer."
        time.sleep(s)
        for a in self.apps:
            if a.bus and a.proc.poll() is None:
                with contextlib.suppress(Gone):
                    a.states

    def timed(self, act: Callable, until: Callable, timeout=5.0) -> float:
        "Milliseconds from act() to the first moment that until() is true (counts xdotool's own ~5-40 ms)."
        t = time.monotonic()
        act()
        if not _wait(until, timeout, 0.005):
            raise NotFound(f"not within {timeout} s")
        return (time.monotonic() - t) * 1000

    # -- eyes ----------------------------------------------------------------
    def pixels(self) -> tuple[int, int, bytes]:
        "width, height, RGB rows of the whole screen, from Xvfb's own frame file"
        d = (self.dir / "Xvfb_screen0").read_bytes()
        h = struct.unpack(">25I", d[:100])
        off, wd, ht, stride = h[0] + h[19] * 12, h[4], h[5], h[12]
        out = bytearray(wd * ht * 3)
        for y in range(ht):
            row = d[off + y * stride : off + y * stride + wd * 4]
            o = y * wd * 3
            out[o : o + wd * 3 : 3], out[o + 1 : o + wd * 3 : 3], out[o + 2 : o + wd * 3 : 3] = (
                row[2::4],
                row[1::4],
                row[0::4],
            )
        return wd, ht, bytes(out)

    def contrast(self, node: Node) -> float:
        "WCAG ratio between the commonest colour in the node's box and the colour farthest from it that fills 6 pixels of it."
        x, y, w, h = node.box
        wd, ht, rgb = self.pixels()
        seen: dict[bytes, int] = {}
        for r in range(max(0, y), min(ht, y + h)):
            for c in range(max(0, x), min(wd, x + w)):
                p = rgb[(r * wd + c) * 3 : (r * wd + c) * 3 + 3]
                seen[p] = seen.get(p, 0) + 1

        def lum(p):
            v = [i / 255 for i in p]
            v = [i / 12.92 if i <= 0.03928 else ((i + 0.055) / 1.055) ** 2.4 for i in v]
            return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]

        if not seen:
            raise NotFound(f"{node!r} is not on the screen")
        bg = lum(max(seen, key=seen.get))
        floor = 6
        return max((max(bg, f) + 0.05) / (min(bg, f) + 0.05) for f in (lum(p) for p, n in seen.items() if n >= floor))

    def shot(self, path: str | Path, node: Node | None = None) -> Path:
        wd, ht, rgb = self.pixels()
        if node is not None:
            x, y, w, h = node.box
            x0, y0, x1, y1 = max(0, x), max(0, y), min(wd, x + w), min(ht, y + h)
            rgb = b"".join(rgb[(r * wd + x0) * 3 : (r * wd + x1) * 3] for r in range(y0, y1))
            wd, ht = x1 - x0, y1 - y0
        raw = b"".join(b"\0" + rgb[r * wd * 3 : (r + 1) * wd * 3] for r in range(ht))

        def chunk(t, b):
            return struct.pack(">I", len(b)) + t + b + struct.pack(">I", zlib.crc32(t + b))

        p = Path(path)
        p.parent.mkdir(parents=True, exist_ok=True)
        p.write_bytes(
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", wd, ht, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(raw, 6))
            + chunk(b"IEND", b"")
        )
        return p
