# Completion of parkctl for bash. Ids come from the live daemon, when it can be reached.

_parkctl_ask() { # path-of-the-command key: the values of "key" in the answer
    local socket=()
    local i
    for ((i = 1; i < ${#COMP_WORDS[@]} - 1; i++)); do
        [[ ${COMP_WORDS[i]} == --socket ]] && socket=(--socket "${COMP_WORDS[i + 1]}")
    done
    timeout 2 parkctl "$1" --json "${socket[@]}" 2>/dev/null |
        grep -oE "\"$2\":\"[^\"]+\"" | cut -d'"' -f4 | sort -u
}

_parkctl_uplinks() {
    timeout 2 parkctl status --json 2>/dev/null |
        sed 's/.*"uplinks"://' | grep -oE '"name":"[^"]+"' | cut -d'"' -f4
}

_parkctl() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} choices=

    case "$before" in
    --socket | --db | --batch | --rules | --maps | --bill | --orders | --shifts | --columns | --root-key | --config) mapfile -t COMPREPLY < <(compgen -f -- "$word") && return ;;
    --lang) choices="en zh" ;;
    --baud) choices="1200 2400 4800 9600 19200 38400 57600 115200" ;;
    --format) choices="8N1 8E1 8O1 8N2" ;;
    --state) choices="free occupied unknown out_of_service open resolved auto_resolved" ;;
    --camera) choices="vzenith hikvision dahua platerecognizer openalpr frigate verify" ;;
    --envelope) choices="tts-v3 chirpstack-v4 chirpstack-v3 nbiot-json" ;;
    --lot) choices=$(_parkctl_ask lots lot) ;;
    --zone) choices=$(_parkctl_ask lots id) ;;
    --vehicle) choices="small medium large nev nev_large disabled diesel motorcycle police" ;;
    --reason | --seq | --entry | --exit | --at | --day | --topic | --units | --response-ms) return ;;
    esac
    if [[ -z $choices ]]; then
        if ((COMP_CWORD == 1)); then
            choices="$(parkctl --list-commands) --help --version"
        elif [[ $word == -* ]]; then
            choices=$(parkctl "$command" --help 2>/dev/null | grep -oE -- '^ +--[a-z-]+')
        else
            case "$command/$before" in
            lots/lots) choices=$(_parkctl_ask lots lot) ;;
            bays/bays) choices="out in" ;;
            bays/out | bays/in) choices=$(_parkctl_ask bays bay) ;;
            device/device) choices="recalibrate set" ;;
            device/recalibrate | device/set) choices=$(_parkctl_ask bays bay) ;;
            outbox/outbox) choices="list retry drop forget" ;;
            uplink/uplink) choices="check recheck keygen test register reregister" ;;
            orders/orders) choices=$(_parkctl_uplinks) ;;
            lanes/lanes) choices="close reset out in ticket" ;;
            uplink/check | uplink/recheck | uplink/test | uplink/register | uplink/reregister) choices=$(_parkctl_uplinks) ;;
            report/report) choices="day month lot shift arrears openings corrections differences lanes check rank close" ;;
            reconcile/reconcile) mapfile -t COMPREPLY < <(compgen -f -W "list close" -- "$word") && return ;;
            reconcile/*) mapfile -t COMPREPLY < <(compgen -f -- "$word") && return ;;
            tariff/tariff) choices="check explain table" ;;
            outbox/list | outbox/retry | outbox/drop) choices=$(_parkctl_uplinks) ;;
            check-config/* | backup/* | decode/* | probe/*) mapfile -t COMPREPLY < <(compgen -f -- "$word") && return ;;
            esac
        fi
    fi
    mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
}

complete -o filenames -F _parkctl parkctl
