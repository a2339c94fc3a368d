"""There is one reply to each question and one frame for each channel."""

from tests.authoring.lint.texts import check_folder

REPLY = "---\ntitle: Stopped\nsummary: Stopped.\ntext: We stop.\n---\nWe send you no more messages.\n"
FRAME = '---\ntitle: Around\nsummary: Around.\ntext: "Care: {{ message }}"\n---\n'


def texts(kind, first, second, words):
    files = {}
    for key, value in (("one", first), ("other", second)):
        files[f"content/sample/_texts/{key}/piece.yaml"] = f"kind: {kind}\npurpose: support\n{value}\n"
        files[f"content/sample/_texts/{key}/en.md"] = words
    return files


def test_two_replies_to_one_question_are_reported(tmp_path):
    files = texts("reply", "answers: help", "answers: help", REPLY)
    check_folder(tmp_path, files, ("content/sample/_texts/other/piece.yaml", 3, "duplicate-text"))


def test_two_frames_for_one_channel_are_reported(tmp_path):
    files = texts("frame", "frames: sms", "frames: sms", FRAME)
    check_folder(tmp_path, files, ("content/sample/_texts/other/piece.yaml", 3, "duplicate-text"))


def test_replies_to_two_questions_are_fine(tmp_path):
    check_folder(tmp_path, texts("reply", "answers: help", "answers: opt_out", REPLY))


def test_two_verification_texts_are_reported(tmp_path):
    words = '---\ntitle: A code\nsummary: A code.\ntext: "{{ code }}"\n---\nYour code is {{ code }} today.\n'
    files = texts("verification", "", "", words)
    check_folder(tmp_path, files, ("content/sample/_texts/other/piece.yaml", 1, "duplicate-text"))
