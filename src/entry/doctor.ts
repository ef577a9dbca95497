export { type DoctorOptions, doctor } from "../operate/doctor/doctor";
export type { DoctorGroup, Finding, FindingStatus } from "../operate/doctor/finding";
export type { CheckSelection } from "../operate/doctor/run-checks";
