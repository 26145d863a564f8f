#!/usr/bin/python3
"""`verify` and `backup` only read: they work where nothing can be written, or say why not."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from peer import CHAINNODE, Chainnode

NOBODY = 65534
BLOCKS = 30
ALL_IS_WELL = (0, f"blocks with the genesis: {BLOCKS + 1}, {BLOCKS + 1} of them whole; all is "
               "well\n", "")


class ReadOnlyStore(unittest.TestCase):
    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("only root mounts a file system and becomes another user")
        self.node = Chainnode()
        self.addCleanup(self.node.close)
        self.chain = [self.node.mine(str(i)) for i in range(BLOCKS)]
        self.node.directory.chmod(0o755)
        self.data = self.node.directory / "data"
        self.temporary = pathlib.Path(tempfile.mkdtemp(prefix="chainnode-test-"))
        self.temporary.chmod(0o777)
        self.addCleanup(subprocess.run, ["rm", "-rf", str(self.temporary)], check=True)
        self.copies = 0

    def mount(self, *arguments):
        place = pathlib.Path(tempfile.mkdtemp(prefix="chainnode-test-"))
        self.addCleanup(place.rmdir)
        done = subprocess.run(["mount", *arguments, str(place)], capture_output=True, check=False)
        if done.returncode != 0:
            self.skipTest("nothing can be mounted")
        self.addCleanup(subprocess.run, ["umount", "-l", str(place)], check=True)
        return place

    def read_only(self):
        place = self.mount("--bind", str(self.data))
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)
        return place

    def run_verb(self, directory, *words, user=None, temporary=None):
        environment = {**os.environ, "TMPDIR": str(temporary or self.temporary)}
        done = subprocess.run([CHAINNODE, *words, "--data-dir", str(directory)], user=user,
                              env=environment, cwd="/", capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def expect_readable(self, directory, user=None):
        """Both commands see all blocks, and leave no trace."""
        before = {path.name: path.stat().st_size for path in self.data.iterdir()}
        self.assertEqual(self.run_verb(directory, "verify", user=user), ALL_IS_WELL)
        self.copies += 1
        copy = self.temporary / f"copy {self.copies}"
        code, _, err = self.run_verb(directory, "backup", str(copy), user=user)
        self.assertEqual((code, err), (0, ""))
        left = sorted(path.name for path in self.temporary.iterdir())
        self.assertEqual(left, [f"copy {i + 1}" for i in range(self.copies)])
        self.assertEqual({path.name: path.stat().st_size for path in self.data.iterdir()}, before)
        found = Chainnode("--data-dir", str(copy))
        self.addCleanup(found.close)
        self.assertEqual(found.chain()[1:], self.chain)

    def stop_with_log(self):
        self.node.kill()
        (self.data / "chain.sqlite-shm").unlink()
        self.assertGreater((self.data / "chain.sqlite-wal").stat().st_size, 100_000)

    def test_a_readonly_file_system(self):
        place = self.read_only()
        self.expect_readable(place)  # while the node runs
        self.stop_with_log()
        self.expect_readable(place)
        self.node.start()
        self.assertEqual(self.node.stop(), 0)
        self.assertFalse((self.data / "chain.sqlite-wal").exists())
        self.expect_readable(place)

    def test_another_user(self):
        self.expect_readable(self.data, user=NOBODY)
        self.stop_with_log()
        self.expect_readable(self.data, user=NOBODY)
        self.node.start()
        self.assertEqual(self.node.stop(), 0)
        self.expect_readable(self.data, user=NOBODY)

    def test_files_without_the_right_to_write(self):
        self.assertEqual(self.node.stop(), 0)
        file = self.data / "chain.sqlite"
        file.chmod(0o444)
        self.data.chmod(0o555)
        self.expect_readable(self.data, user=NOBODY)
        file.chmod(0o000)
        for words in (("verify",), ("backup", str(self.temporary / "none"))):
            code, _, err = self.run_verb(self.data, *words, user=NOBODY)
            self.assertEqual((code, err), (5, f"chainnode: {file} cannot be read: Permission "
                                           "denied\n"))

    def test_no_room_for_the_copy(self):
        self.stop_with_log()
        place = self.read_only()
        full = self.mount("-t", "tmpfs", "-o", "size=64k", "tmpfs")
        code, _, err = self.run_verb(place, "verify", temporary=full)
        self.assertEqual(code, 5)
        self.assertRegex(err, r"^chainnode: \S+ cannot be written beside, and \S+-wal cannot be "
                         rf"copied to {full}: No space left on device; TMPDIR names another place")
        self.assertEqual(list(full.iterdir()), [])

    def test_a_damaged_log_is_reported_and_stays(self):
        self.stop_with_log()
        log = self.data / "chain.sqlite-wal"
        whole = log.read_bytes()
        log.write_bytes(whole[:50_000] + bytes([whole[50_000] ^ 1]) + whole[50_001:])
        for directory in (self.read_only(), self.data):
            code, _, err = self.run_verb(directory, "verify")
            self.assertEqual(code, 2)
            self.assertRegex(err, r"chainnode: frame \d+ of \d+ of the write-ahead log is damaged")


if __name__ == "__main__":
    unittest.main()
