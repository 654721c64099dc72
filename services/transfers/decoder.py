"""The process that opens uploaded files: `python -m services.transfers.decoder MEMORY SECONDS`.

It takes jobs from its standard input and answers on its standard output, line by line, until the input ends. A file
that needs more than MEMORY bytes or SECONDS of time, or crashes libvips, ends this process and nothing else.
"""

import resource
import signal
import sys
from typing import BinaryIO

from services.transfers import images
from services.transfers.jobs import READY, Inspected, Job, answer_line
from services.transfers.rejections import RejectedImage


def main(memory: int, seconds: float, jobs: BinaryIO, answers: BinaryIO) -> None:
    """Work until `jobs` ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which lets us finish
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _say(answers, READY)
    for line in jobs:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            answer = answer_line(_work(Job.of(line)))
        except RejectedImage as rejection:
            answer = answer_line(rejection)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _say(answers, answer)


def _work(job: Job) -> Inspected:
    inspected = images.inspect(job.path, job.limits)
    previews = images.previews(job.path, inspected.format, job.sizes, job.watermark, job.watermark_image)
    for size, preview in previews.items():
        job.preview(size).write_bytes(preview)
    return inspected


def _say(answers: BinaryIO, line: bytes) -> None:
    answers.write(line)
    answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), sys.stdin.buffer, sys.stdout.buffer)
