"""Who is at the chair: reads who has a PIN, has PINs looked at, counts waits down, and answers for the idle lock.

A PIN goes from the keypad to the librarian's thread, where argon2id takes its time, and nowhere else: no tick waits for it.
"""

from collections.abc import Callable

from PyQt6.QtCore import QObject

from ui.touch import happenings as h
from ui.touch import state as s
from ui.touch.pages.sign_in import SignInPanel
from ui.touch.people import jobs
from ui.touch.people.clerk import Clerk
from ui.touch.people.jobs import Member, Tried
from ui.touch.presenter import Presenter
from ui.touch.records.librarian import Answer
from ui.touch.views import mm
from ui.touch.words import Words

Refuse = Callable[[str], None]
Let = Callable[[Member], None]
AGAIN_NS = 30_000_000_000  # how often it is looked whether somebody was given a PIN
_S = 1_000_000_000


class SignInDesk(QObject):
    """`begin` once the screen is up. `ask` opens the panel for whatever needs a person's PIN."""

    def __init__(self, presenter: Presenter, clerk: Clerk, panel: SignInPanel, words: Words, clock: Callable[[], int]) -> None:
        super().__init__(presenter)
        self._presenter, self._clerk, self._panel, self._words, self._clock = presenter, clerk, panel, words, clock
        self.members: tuple[Member, ...] = ()
        self._until_ns: dict[str, int] = {}  # by user: when the next try counts
        self._looking = False  # a PIN is being looked at
        self._let: Let = self._take_chair
        self._read_ns = 0
        self._said = ""
        panel.chosen.connect(lambda _: self._count_down())
        panel.typed.connect(lambda user, pin: self._try(user, pin, self._panel.refuse, self._let))
        presenter.ticked.connect(self._tick)
        presenter.page.connect(lambda _: self.read())

    def begin(self) -> None:
        """Nobody opens a session before it is known whether somebody has a PIN."""
        if self._clerk.has_records():
            self._presenter.dispatch(h.StaffRead(h.Staff.READING))
        self.read()

    def read(self) -> None:
        """Who works here, from the records."""
        self._read_ns = self._clock()
        if self._clerk.has_records():
            self._clerk.ask("staff", "screen", jobs.read_staff, self._on_staff)

    def needed(self) -> bool:
        """Whether opening a session takes a PIN."""
        return self._presenter.state.staff is not h.Staff.NOBODY

    def ask(self, let: Let | None = None, line: str = "", user: str = "") -> None:
        """Open the panel; `let` gets who typed the right PIN. Without it that person takes the chair."""
        self._let = let or self._take_chair
        self._panel.show_members(self.members, line or self._words("sign_in.line" if self.members else "sign_in.nobody"))
        self._panel.choose(user if self._member(user) is not None else "")
        self._count_down()
        self._presenter.show_panel(h.Panel.SIGN_IN)

    def lock_user(self) -> str:
        """Whose PIN opens the idle lock; "" while nobody has one."""
        if not self.members:
            return ""
        session = self._presenter.state.snapshot.session if self._presenter.state.snapshot else None
        at_chair = self._presenter.state.draft.operator or (session.operator if session is not None else "")
        return at_chair if self._member(at_chair) is not None else self.members[0].code

    def next_user(self, user: str) -> str:
        """The one after `user`: somebody else unlocks."""
        codes = [member.code for member in self.members]
        return codes[(codes.index(user) + 1) % len(codes)] if user in codes else (codes[0] if codes else "")

    def unlock(self, user: str, pin: str, refuse: Refuse, opened: Callable[[], None]) -> None:
        """Try `user`'s PIN at the idle lock. Whoever opens it takes the chair, unless a session is open."""

        def let(member: Member) -> None:
            state = self._presenter.state
            session = state.snapshot.session if state.snapshot is not None else None
            if session is None or session.state != "OPEN":
                self._take_chair(member)
            opened()

        self._try(user, pin, refuse, let)

    def _tick(self, _now_ns: int) -> None:
        self._clerk.poll()
        if self._clock() - self._read_ns >= AGAIN_NS and s.page(self._presenter.state) is h.Page.PREPARE:
            self.read()
        if self._panel.isVisible():
            self._count_down()

    def _on_staff(self, answer: Answer) -> None:
        if answer.kind:
            self._presenter.tell(answer.why)
            return
        fresh: tuple[Member, ...] = answer.value
        staff = h.Staff.SIGNS_IN if fresh else h.Staff.NOBODY
        if self._presenter.state.staff is not staff:
            self._presenter.dispatch(h.StaffRead(staff))
        if fresh == self.members:
            return
        self.members = fresh
        draft = self._presenter.state.draft
        if draft.operator and fresh and self._stale(draft):
            self._presenter.draft(operator="", role="", ceiling_um=0)
        if self._panel.isVisible():
            self._panel.show_members(fresh, self._words("sign_in.line" if fresh else "sign_in.nobody"))

    def _stale(self, draft: h.Draft) -> bool:
        """Locked, lost the role, or another ceiling: what was signed in as no longer holds."""
        member = self._member(draft.operator)
        return member is None or (member.role, member.ceiling_um) != (draft.role, draft.ceiling_um)

    def _try(self, user: str, pin: str, refuse: Refuse, let: Let) -> None:
        if self._looking or not user:
            return
        if wait_s := self._wait_s(user):
            refuse(self._words("lock.wait", seconds=wait_s))
            return
        self._looking = True
        self._panel.hold_off(self._words("sign_in.looking"))
        self._clerk.ask("pin", user, jobs.try_pin(user, pin), lambda answer: self._on_tried(answer, refuse, let))

    def _on_tried(self, answer: Answer, refuse: Refuse, let: Let) -> None:
        self._looking, self._said = False, ""
        if answer.kind:
            refuse(answer.why)
            return
        tried: Tried = answer.value
        member = self._member(tried.user)
        if tried.let_in and member is not None:
            self._until_ns.pop(tried.user, None)
            let(member)
            return
        self._until_ns[tried.user] = self._clock() + tried.wait_s * _S
        refuse(self._words("lock.wait", seconds=tried.wait_s) if tried.wait_s else self._words("sign_in.wrong"))
        self._count_down()

    def _take_chair(self, member: Member) -> None:
        if not member.role:
            self._panel.refuse(self._words("sign_in.no_role"))
            return
        self._presenter.draft(operator=member.code, role=member.role, ceiling_um=member.ceiling_um)
        self._presenter.show_panel(h.Panel.NONE)
        self._presenter.tell(
            self._words("sign_in.done", user=member.code, role=self._words(f"role.{member.role}"), depth=mm(member.ceiling_um))
        )

    def _count_down(self) -> None:
        """The wait of who is chosen on the panel, second by second."""
        wait_s = self._wait_s(self._panel.user)
        text = self._words("lock.wait", seconds=wait_s) if wait_s else ""
        if text == self._said or self._looking:
            return
        self._said = text
        if text:
            self._panel.hold_off(text)
        else:
            self._panel.choose(self._panel.user)

    def _wait_s(self, user: str) -> int:
        return max(0, -((self._clock() - self._until_ns.get(user, 0)) // _S))

    def _member(self, user: str) -> Member | None:
        return next((member for member in self.members if member.code == user), None)
