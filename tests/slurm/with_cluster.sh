#!/usr/bin/env bash
# Runs a command with a Slurm cluster of one node: controller and node daemon on this machine, in a
# temporary folder, both removed after the command.
#   with_cluster.sh COMMAND…       IMCSIM_SLURM_ARRAY: MaxArraySize (default 1001)
set -euo pipefail

scratch=$(mktemp -d)
chmod 755 "$scratch"
controller=
node=

# Ends a process of this script and waits until it has ended.
end() { # process
  [ -n "$1" ] || return 0
  kill "$1" 2>/dev/null || return 0
  for _ in $(seq 50); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -9 "$1" 2>/dev/null || true
}

# Cancels the jobs of this cluster by name.
clean() {
  if [ -n "$controller" ]; then
    squeue -h -o %j 2>/dev/null | sort -u | xargs -r -n 1 scancel --quiet --name || true
  fi
  end "$node"
  end "$controller"
  wait 2>/dev/null || true
  rm -rf "$scratch"
}
trap clean EXIT

host=$(hostname -s)
user=$(id -un)
cat >"$scratch/slurm.conf" <<CONF
ClusterName=imcsim
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$user
SlurmdUser=$user
SlurmctldPort=${IMCSIM_SLURM_PORT:-16817}
SlurmdPort=$((${IMCSIM_SLURM_PORT:-16817} + 1))
AuthType=auth/none
CredType=cred/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
MaxArraySize=${IMCSIM_SLURM_ARRAY:-1001}
MinJobAge=2
KillWait=1
ReturnToService=2
SlurmctldPidFile=$scratch/slurmctld.pid
SlurmdPidFile=$scratch/slurmd.pid
StateSaveLocation=$scratch/state
SlurmdSpoolDir=$scratch/spool
SlurmctldLogFile=$scratch/slurmctld.log
SlurmdLogFile=$scratch/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=1000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
echo 'CgroupPlugin=cgroup/v1' >"$scratch/cgroup.conf"
mkdir "$scratch/state" "$scratch/spool"
export SLURM_CONF="$scratch/slurm.conf"

slurmctld -D >"$scratch/slurmctld.out" 2>&1 &
controller=$!
slurmd -D >"$scratch/slurmd.out" 2>&1 &
node=$!

for attempt in $(seq 150); do
  sinfo -h -o %T 2>/dev/null | grep -q '^idle' && break
  if [ "$attempt" = 150 ]; then
    echo "Slurm does not start:" >&2
    tail -20 "$scratch"/*.log "$scratch"/*.out >&2
    exit 1
  fi
  sleep 0.2
done

code=0
"$@" || code=$?
exit $code
