import { pageQuery } from '../../http/page-query.ts';
import { bodyProblems, type Operation } from './operation.ts';

export const imageOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/uploads',
    id: 'createUpload',
    tag: 'Images',
    summary: 'Upload an input image',
    description: 'Returns a URL to PUT the bytes to. Then send the key as the input_image_key of a job.',
    body: 'UploadRequest',
    answers: { 201: { description: 'The signed URL.', body: 'Upload' } },
    problems: [...bodyProblems, 'too_many_uploads'],
  },
  {
    method: 'get',
    path: '/v1/images',
    id: 'listImages',
    tag: 'Images',
    summary: 'List your gallery, newest first',
    query: pageQuery,
    answers: { 200: { description: 'A page of images.', body: 'ImagePage' } },
    problems: ['invalid_request'],
  },
  {
    method: 'delete',
    path: '/v1/images/{id}',
    id: 'deleteImage',
    tag: 'Images',
    summary: 'Delete an image',
    answers: { 204: { description: 'The image is deleted.' } },
    problems: ['not_found'],
  },
];
