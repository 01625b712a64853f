/** WT has the name of a transport that is never chosen. */
export class WT {}
