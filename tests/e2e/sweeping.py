"""What the tests of sweeps vary: a small network that is cut in two for two minutes."""

SCENARIO = """\
duration: 10 min
protocol: header_first
chain: {block_interval: 10 s}
network: {nodes: 6, topology: ring, latency: 50 ms}
events:
  - {at: 2 min, partition: {groups: [50 %, rest]}}
  - {at: 4 min, heal: all}
"""
