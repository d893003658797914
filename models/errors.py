"""The one error written for the person at the screen; it lives in the lowest room so that every layer can raise it."""


class UserError(Exception):
    """A fault the user can mend: `sentence` says what is wrong and with which file, `hint` what to do about it.

    The text is shown as it is, on the command line and in the window's notices. Anything else that is raised is a bug.
    """

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence, hint)
        self.sentence = sentence
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}".strip()
