/** The room's door: what other rooms use of it. */
export { fitFrame, sampleRows } from './fit';
export { decodeFrame, encodeFrame, type Frame, rotate } from './frame';
export { codeSizes, decodeCodes, encodeCodes, encodeCoordinates, planes, readStep } from './planes';
export { encodeQuery, type QueryCode } from './query';
export { levelsForm, rescore, writeLevels } from './rescore';
export { scanTables } from './tables';
