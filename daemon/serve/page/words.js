// Every word of the page, in each language. A key that a language lacks falls back to English;
// what has no key (an error text of the gateway) is shown as it came.

const words = {
  en: {
    name: 'English', other: '中文',
    lots: 'Lots', bays: 'Bays', uplinks: 'Platforms', devices: 'Devices',
    device: 'Device', bus: 'Bus', state: 'State', last_heard: 'Last heard', trouble: 'Trouble',
    free: 'free', occupied: 'occupied', unknown: 'unknown', out_of_service: 'out of service',
    of: 'of {capacity} bays',
    quality_good: 'all bays known', quality_partial: '{unknown} unknown',
    quality_unknown: 'not known now',
    live: 'live', connecting: 'connecting …',
    lost: 'The connection to the gateway is lost since {since}. What you see is as of then. Trying again …',
    token_needed: 'This gateway asks for its token:', token_send: 'Go on',
    connected: 'connected', not_connected: 'not connected',
    pending: 'waiting', dead: 'set aside', delivered: 'delivered', last_delivery: 'last delivery',
    oldest: 'oldest waiting',
    no_uplinks: 'No platform is configured.',
    online: 'answers', offline: 'silent', new: 'not heard yet', never: 'never',
    answering: '{online} of {all} answer',
    show_all: 'show all', show_troubled: 'only with trouble',
    since: 'since', because: 'because', sensor: 'sensor', kind: 'kind', suspect: 'suspect',
    reading: 'the sensor says so', silence: 'the sensor is silent', fault: 'the sensor is faulty',
    operator: 'an operator said so', suspicion: 'the sensor is suspect',
    ordinary: 'ordinary', accessible: 'accessible', charging: 'charging', reserved: 'reserved',
    flapping: 'flapping', stuck_occupied: 'occupied for very long', stuck_free: 'free for very long',
    timeout: 'no answer in time', crc: 'damaged answers', answers: 'answers',
    counted: '{inside} inside by count ({in} in, {out} out)',
    battery: 'Battery', radio: 'Radio', gateways: 'gateways: {count}',
    battery_ok: 'ok', battery_low: 'low', battery_critical: 'critical',
    troubled: '{count} need a look',
    recalibrate: 'Recalibration', asked_asked: 'asked', asked_queued: 'waits for the sensor to speak',
    asked_sent: 'sent, not acknowledged yet', asked_acknowledged: 'acknowledged, not verified yet',
    asked_done: 'done', asked_failed: 'failed', asked_unknown: 'outcome unknown',
    lanes: 'Lanes', boom: 'boom', went_in: 'in', went_out: 'out', unasked: 'unasked openings',
    way_in: 'entry', way_out: 'exit', inside: '{inside} vehicles inside',
    inside_between: '{low} to {high} vehicles inside', mode_in_service: 'in service',
    mode_degraded: 'degraded', mode_out_of_service: 'out of service', mode_held_open: 'held open',
    mode_evacuating: 'evacuation', mode_silent: 'silent', boom_unknown: 'not known', boom_closed: 'down',
    boom_opening: 'opening', boom_open: 'up', boom_closing: 'closing', boom_stopped: 'stopped',
    boom_fault: 'in fault', lane_IDLE: 'nobody there', lane_PRESENT: 'a vehicle is there',
    lane_NO_PLATE: 'no plate was read', lane_DECIDE: 'deciding', lane_DENIED: 'refused',
    lane_WAIT_PAY: 'waits for the payment', lane_WAIT_OPERATOR: 'waits for a person', lane_OPENING: 'opening',
    lane_OPEN_WAIT: 'may drive', lane_PASSING: 'passing', lane_PASSED: 'passed', lane_CLOSING: 'closing',
    lane_BACKOUT: 'backed out', lane_TAILGATE: 'another one followed', lane_WRONG_WAY: 'wrong way',
    lane_LOOP_SUSPECT: 'a loop is suspect', lane_STUCK_UNDER: 'something stands under the boom',
    lane_OPEN_FAIL: 'did not open', lane_CLOSE_FAIL: 'did not close', lane_FAULT: 'fault',
    lane_HELD: 'held open', lane_EVACUATE: 'evacuation', lane_COMMS_LOST: 'does not answer',
    lane_RESYNC: 'looks around after the start', wired_presence: 'presence loop',
    wired_closing: 'closing loop', wired_limits: 'limit switches', wired_camera: 'camera',
    wired_barrier: 'barrier', wired_counter: 'operation counter',
    check_bus: 'Bus', check_devices: 'Devices', check_store: 'Store', check_uplink: 'Platform',
    journal: 'journal of {count} records', commit: 'last commit {ms} ms', up: 'running for {time}',
  },
  zh: {
    name: '中文', other: 'English',
    lots: '停车场', bays: '车位', uplinks: '平台', devices: '设备',
    device: '设备', bus: '总线', state: '状态', last_heard: '最近应答', trouble: '故障',
    free: '空闲', occupied: '占用', unknown: '未知', out_of_service: '停用',
    of: '共 {capacity} 个车位',
    quality_good: '全部车位状态已知', quality_partial: '{unknown} 个未知',
    quality_unknown: '暂时未知',
    live: '实时', connecting: '正在连接…',
    lost: '自 {since} 起与网关的连接已断开，所示为当时的状态，正在重连…',
    token_needed: '此网关需要访问令牌：', token_send: '继续',
    connected: '已连接', not_connected: '未连接',
    pending: '待发送', dead: '已搁置', delivered: '已送达', last_delivery: '最近送达',
    oldest: '最早待发送',
    no_uplinks: '未配置平台。',
    online: '正常应答', offline: '无应答', new: '尚未应答', never: '从未',
    answering: '{all} 台中 {online} 台正常',
    show_all: '显示全部', show_troubled: '仅显示故障',
    since: '自', because: '原因', sensor: '传感器', kind: '类别', suspect: '可疑',
    reading: '传感器报告', silence: '传感器无应答', fault: '传感器故障',
    operator: '人工设置', suspicion: '传感器可疑',
    ordinary: '普通', accessible: '无障碍', charging: '充电', reserved: '专用',
    flapping: '频繁跳变', stuck_occupied: '长时间占用', stuck_free: '长时间空闲',
    timeout: '应答超时', crc: '应答校验错误', answers: '正常应答',
    counted: '按计数场内 {inside} 辆（进 {in}，出 {out}）',
    battery: '电池', radio: '信号', gateways: '{count} 个网关',
    battery_ok: '正常', battery_low: '低', battery_critical: '即将耗尽',
    troubled: '{count} 台需查看',
    recalibrate: '重新校准', asked_asked: '已提交', asked_queued: '等待传感器下次上报',
    asked_sent: '已发出，尚未确认', asked_acknowledged: '已确认，等待验证',
    asked_done: '完成', asked_failed: '失败', asked_unknown: '结果未知，请查看后重试',
    "the network's broker takes nothing; see parkctl status, then ask again":
      '网络服务器的消息代理不可用；查看 parkctl status 后重试',
    "the sensor was not heard, the server may still hold it; see to the sensor, empty the server's queue, then ask again":
      '未收到传感器上报，服务器中可能仍有排队；检查传感器，清空服务器队列后重试',
    'sent, and the sensor was not heard since; see to its radio, then ask again': '已发出，此后未收到传感器上报；检查信号后重试',
    'acknowledged, and the sensor was not heard since; see to its radio': '已确认，此后未收到传感器上报；检查信号',
    "the network server could not bring it to the sensor; see its console, and the sensor's radio":
      '网络服务器未能送达传感器；查看其控制台和传感器信号',
    'the network server refuses it or let it expire; see its console': '网络服务器拒绝或已过期；查看其控制台',
    'it still says occupied over the empty bay; ask again, and if that does not help replace the sensor':
      '空车位上仍报占用；再次校准，仍不行则更换传感器',
    'the sensor says that it did not work; make sure that the bay is empty, then ask again':
      '传感器报告校准失败；确认车位为空后重试',
    'the sensor does not acknowledge it; move its gateway or add one': '传感器不确认；调整或增加网关',
    trouble_silent: '长时间未收到；检查电池和网关',
    trouble_device_fault: '传感器自报故障；现场查看，不恢复则更换',
    trouble_battery_critical: '电池即将耗尽；立即更换传感器或电池',
    trouble_battery_low: '电池电量低；安排更换',
    trouble_server_refuses: '网络服务器拒收其报文；在服务器上检查密钥和帧计数',
    trouble_frames_refused: '多数报文无法解析；检查驱动和版本配置',
    trouble_tilted: '传感器倾斜；重新安装',
    trouble_restarts: '今日多次重启；检查电池',
    trouble_joins: '今日多次重新入网；检查电池和信号',
    trouble_messages_missing: '报文丢失较多；增加网关或调整天线',
    trouble_mirrors_neighbour: '总与相邻车位同时变化；确认它感应的是哪辆车',
    trouble_weak_radio: '信号弱；增加网关或调整天线',
    trouble_bay_flapping: '频繁跳变；查看停车位置，重新校准，仍不行则更换',
    trouble_bay_stuck_occupied: '长时间占用；现场查看，若车位为空则重新校准',
    trouble_bay_stuck_free: '长时间空闲；用车试验，不变化则更换',
    lanes: '车道', boom: '栏杆', went_in: '驶入', went_out: '驶出', unasked: '无指令开闸', way_in: '入口', way_out: '出口',
    inside: '场内 {inside} 辆', inside_between: '场内 {low} 至 {high} 辆', mode_in_service: '正常',
    mode_degraded: '降级运行', mode_out_of_service: '停用', mode_held_open: '常开', mode_evacuating: '疏散',
    mode_silent: '无应答', boom_unknown: '未知', boom_closed: '落下', boom_opening: '正在抬起', boom_open: '抬起',
    boom_closing: '正在落下', boom_stopped: '停在中途', boom_fault: '故障', lane_IDLE: '无车', lane_PRESENT: '有车到达',
    lane_NO_PLATE: '未识别到车牌', lane_DECIDE: '正在判断', lane_DENIED: '拒绝放行', lane_WAIT_PAY: '等待缴费',
    lane_WAIT_OPERATOR: '等待人工处理', lane_OPENING: '正在开闸', lane_OPEN_WAIT: '可以通行', lane_PASSING: '正在通过',
    lane_PASSED: '已通过', lane_CLOSING: '正在关闸', lane_BACKOUT: '倒车离开', lane_TAILGATE: '有车跟随',
    lane_WRONG_WAY: '逆行', lane_LOOP_SUSPECT: '线圈可疑', lane_STUCK_UNDER: '栏杆下有物体', lane_OPEN_FAIL: '未能开闸',
    lane_CLOSE_FAIL: '未能关闸', lane_FAULT: '故障', lane_HELD: '常开', lane_EVACUATE: '疏散', lane_COMMS_LOST: '无应答',
    lane_RESYNC: '启动后检查', wired_presence: '到达线圈', wired_closing: '防砸线圈', wired_limits: '限位开关',
    wired_camera: '相机', wired_barrier: '道闸', wired_counter: '动作计数',
    check_bus: '总线', check_devices: '设备', check_store: '存储', check_uplink: '平台',
    journal: '日志 {count} 条', commit: '最近写盘 {ms} 毫秒', up: '已运行 {time}',
  },
};

const remembered = localStorage.getItem('parkd.language');
let language = words[remembered] ? remembered : navigator.language.startsWith('zh') ? 'zh' : 'en';

export function currentLanguage() {
  return language;
}

export function switchLanguage() {
  language = language === 'en' ? 'zh' : 'en';
  localStorage.setItem('parkd.language', language);
}

// word('of', {capacity: 120}); an unknown key comes back as it is.
export function word(key, values = {}) {
  const text = words[language][key] ?? words.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function number(value) {
  return value.toLocaleString(language);
}

export function clock(time) {
  return new Date(time).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'medium' });
}

const steps = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];

// "3 minutes ago", against the gateway's clock, not the browser's.
export function ago(time, now) {
  const age = Math.max(0, (now - new Date(time)) / 1000);
  const [unit, size] = steps.find(([, s]) => age >= s) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(language, { numeric: 'always', style: 'short' })
    .format(-Math.floor(age / size), unit);
}

export function duration(seconds) {
  const [unit, size] = steps.find(([, s]) => seconds >= s) ?? ['second', 1];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' })
    .format(Math.floor(seconds / size));
}
