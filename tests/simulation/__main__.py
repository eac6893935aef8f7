"""`python -m tests.simulation`: many seeds, or one again with its trace."""
import sys,tempfile,time
from pathlib import Path
from tests.simulation.disks import ShakyDatabase
from tests.simulation.world import World
with tempfile.TemporaryDirectory(dir="/dev/shm") as f:
    folder=Path(f)
    db=ShakyDatabase(folder)
    a,b=int(sys.argv[1]),int(sys.argv[2])
    t=time.time()
    from collections import Counter
    faults=Counter(); P=C=0
    for seed in range(a,b):
        r=World(seed,db,folder).run()
        for x in folder.glob("gw-*"): x.unlink()
        faults+=r.faults; P+=r.presses; C+=r.cases
        if r.broken: print(seed, r.broken); 
        if "-t" in sys.argv: print("\n".join(r.lines))
    print(time.time()-t, P, C, faults)
