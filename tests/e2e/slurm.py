"""A Slurm cluster of one node, of a test's own: its daemons listen on loopback, at free ports.

    with Cluster(folder) as cluster:
        cluster.run("sbatch", "--wait", "job.sh")
"""

import os
import pathlib
import pwd
import shutil
import socket
import subprocess

from waiting import wait_for

DAEMONS = ("munged", "slurmctld", "slurmd", "sbatch", "sinfo")
DEADLINE = 60  # until the node takes jobs

CONF = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld_port}
SlurmdPort={slurmd_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SchedulerParameters=sched_interval=2,defer_batch=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing():
    """What of a cluster this machine lacks."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return [name for name in DAEMONS if shutil.which(name, path=path) is None]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.processes = []
        self.environment = {
            **os.environ, "SLURM_CONF": str(self.folder / "slurm.conf"),
            "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def begin(self):
        self.folder.chmod(0o700)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        (self.folder / "slurm.conf").write_text(CONF.format(
            host=socket.gethostname().split(".")[0], user=pwd.getpwuid(os.getuid()).pw_name,
            ctld_port=free_port(), slurmd_port=free_port(), folder=self.folder), encoding="ascii")
        self.start("munged", "--foreground", "--force", "--key-file", key,
                   "--socket", self.folder / "munge.socket", "--pid-file",
                   self.folder / "munged.pid", "--seed-file", self.folder / "munged.seed",
                   "--log-file", self.folder / "munged.log")
        self.wait_for((self.folder / "munge.socket").exists, "munged's socket")
        self.start("slurmctld", "-D", "-c")
        self.start("slurmd", "-D")
        self.wait_for(lambda: "idle" in self.run("sinfo", "-h", "-o", "%T", check=False),
                      "an idle node")

    def start(self, *command):
        out = (self.folder / f"{command[0]}.out").open("wb")
        self.processes.append(subprocess.Popen(
            [str(word) for word in command], env=self.environment, stdout=out,
            stderr=subprocess.STDOUT, cwd=self.folder))
        out.close()

    def wait_for(self, condition, what):
        """Until it is true, or a daemon has ended."""
        def dead():
            return [process.args[0] for process in self.processes if process.poll() is not None]

        wait_for(lambda: condition() or dead(), what, DEADLINE)
        if dead():
            logs = "\n".join(path.read_text(errors="replace")[-2000:]
                             for path in sorted(self.folder.glob("*.log")) +
                             sorted(self.folder.glob("*.out")))
            raise RuntimeError(f"no {what}; ended: {dead()}\n{logs}")

    def run(self, *command, check=True, timeout=300):
        done = subprocess.run([str(word) for word in command], env=self.environment,
                              capture_output=True, text=True, timeout=timeout, check=False,
                              cwd=self.folder)
        if check and done.returncode != 0:
            raise RuntimeError(f"{command[0]}: {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def end(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()
