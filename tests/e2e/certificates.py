"""Certificate authorities of a test's own, and what they sign."""

import pathlib
import subprocess


def openssl(*arguments, text=None):
    done = subprocess.run(["openssl", *map(str, arguments)], input=text, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr


class Authority:
    """A CA in a directory; each certificate it makes is a pair of files NAME.pem and NAME.key."""

    def __init__(self, directory, name="ca"):
        self.directory = pathlib.Path(directory)
        self.certificate, self.key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-keyout", self.key, "-out", self.certificate, "-days", 3,
                "-subj", f"/CN={name}")

    def make(self, name, alternative="IP:127.0.0.1,DNS:localhost", days=3):
        """(certificate, key), of the addresses and names in `alternative`."""
        certificate, key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        request = self.directory / f"{name}.csr"
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
                "-CAcreateserial", "-out", certificate, "-days", days, "-extfile", "/dev/stdin",
                text=f"subjectAltName={alternative}\n")
        return certificate, key
