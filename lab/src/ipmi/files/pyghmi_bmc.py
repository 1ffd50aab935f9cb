"""A BMC of pyghmi's server on one loopback address. Tells each change on standard output, one JSON object a line; ends with its input."""
import json
import sys
import threading

from pyghmi.ipmi.bmc import Bmc


def tell(**facts):
    print(json.dumps(facts), flush=True)


class LoopbackBmc(Bmc):
    def __init__(self, host, port, username, password):
        super().__init__({username: password}, port=port, address=host)
        self.power = 'off'
        self.boot_device = 'default'

    def change_power(self, order, power):
        self.power = power
        tell(order=order, power=power)

    def get_power_state(self):
        return self.power

    def power_on(self):
        self.change_power('on', 'on')

    def power_off(self):
        self.change_power('off', 'off')

    def power_cycle(self):
        self.change_power('cycle', 'on')

    def power_reset(self):
        self.change_power('reset', self.power)

    def power_shutdown(self):
        self.change_power('shutdown', 'off')

    def pulse_diag(self):
        self.change_power('nmi', self.power)

    def is_active(self):
        return self.power == 'on'

    def get_boot_device(self):
        return self.boot_device

    def set_boot_device(self, device):
        self.boot_device = device
        tell(boot_device=device)


settings = json.loads(sys.argv[1])
bmc = LoopbackBmc(**settings)
threading.Thread(target=bmc.listen, daemon=True).start()
tell(ready=True)
sys.stdin.read()
