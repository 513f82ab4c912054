# SPDX-License-Identifier: BSD-3-Clause
"""daemon: roja-control in a folder, with users that nobody is."""
import json
import pathlib
import signal
import subprocess

from people import WAIT_S, Client, connect_as, until

ROLES = ["viewer", "operator", "approver", "auditor", "admin"]
# Users that nobody is: one a role; one by a group; one with two roles; one without any.
UIDS = {role: 64001 + i for i, role in enumerate(ROLES)}
BY_GROUP, GROUP, BOTH, STRANGER = 64010, 64110, 64006, 64666
HAS = {UIDS[role]: {role, "viewer"} for role in ROLES}
HAS[BY_GROUP] = {"operator", "viewer"}
HAS[BOTH] = {"operator", "approver", "viewer"}
HAS[0] = {"admin", "viewer"}
GUARD = sorted((pathlib.Path(__file__).parents[2] / "share/guard").glob("*.txt"))

CONFIG = """\
state: {folder}/state
key_file: {folder}/key
socket: {folder}/control.sock
http: {{address: ""}}
guard: {{files: [{guard}]}}
roles:
{roles}"""


class Daemon:
    def __init__(self, program, folder):
        program = str(pathlib.Path(program).resolve())
        folder.chmod(0o755)
        self.path = folder / "control.sock"
        roles = ""
        for role in ROLES:
            users = [UIDS[role]] + ([BOTH] if role in ("operator", "approver") else [])
            roles += f"  - name: {role}\n    users: {json.dumps([str(u) for u in users])}\n"
            if role == "operator":
                roles += f'    groups: ["{GROUP}"]\n'
        (folder / "state").mkdir(mode=0o700)
        (folder / "control.yaml").write_text(CONFIG.format(folder=folder, roles=roles, guard=", ".join(map(str, GUARD))))
        subprocess.run([program, "--new-key", folder / "key"], check=True)
        self.log = folder / "log"
        self.process = subprocess.Popen([program, folder / "control.yaml"], stderr=open(self.log, "w"))
        until(self.answers, "the daemon answers")
        self.path.chmod(0o666)  # as if each user were a member of the file's group
        self.pid = self.process.pid

    def answers(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            connect_as(self.path, 0).close()
            return True
        except OSError:
            return False

    def client(self, uid, groups=()):
        return Client(connect_as(self.path, uid, groups))

    def once(self, uid, method, params=None):
        c = self.client(uid)
        answer = c.ask(method, params)
        c.close()
        return answer

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(WAIT_S) == 0, self.log.read_text()
        assert not self.path.exists()

    def job(self, client, method, params, fds=()):
        """Its result, once it is done."""
        answer = client.ask(method, params, fds)
        assert "result" in answer, answer
        state = {}

        def is_done():
            state.update(client.ask("job.show", answer["result"])["result"])
            return state["state"] != "running"

        until(is_done, method)
        assert state["state"] == "done", state
        return state["result"]
